// The report in a browser: what no test of text can tell. Pages are made by run.sh.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const pages = resolve(process.env.LODE_PAGES ?? '../../target/pages');
const executablePath = process.env.CHROMIUM
  ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const NAMES = ['estate', 'bill-only', 'hostile', 'large'];
let browser;

before(async () => {
  assert.ok(executablePath, 'no Chromium found: install Debian\'s chromium, or set CHROMIUM to a browser');
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});
after(async () => browser?.close());

/** Opens a page and notes whatever it complains of or asks for. */
async function open(name, { width = 1440, colorScheme = 'light', bypassCSP = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme, bypassCSP });
  const page = await context.newPage();
  const heard = [];
  page.on('console', (message) => heard.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => heard.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => { heard.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) heard.push(`request: ${request.url()}`);
  });
  await page.goto(`file://${pages}/${name}.html`);
  return { page, heard, close: () => context.close() };
}

const summaries = '.rec:not([hidden]) > details > summary';
const ranks = (page) => page.$$eval('.rec:not([hidden])', (rows) => rows.map((row) => Number(row.dataset.rank)));

for (const name of NAMES) {
  test(`${name}: no error, no request`, async () => {
    const { page, heard, close } = await open(name);
    const first = page.locator(summaries).first();
    if (await first.count()) await first.click();
    assert.deepEqual(heard, []);
    await close();
  });

  for (const width of [360, 768, 1440]) {
    test(`${name}: nothing is wider than ${width} px`, async () => {
      const { page, close } = await open(name, { width });
      for (const row of (await page.locator(summaries).all()).slice(0, 3)) await row.click();
      await page.$$eval('main details', (all) => all.slice(-12).forEach((one) => { one.open = true; }));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `the page is ${wide} px wide`);
      await close();
    });
  }
}

for (const name of ['estate', 'bill-only', 'hostile']) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${name}, ${colorScheme}: axe-core finds nothing serious`, async () => {
      // The page's own policy would keep the checker out.
      const { page, close } = await open(name, { colorScheme, bypassCSP: true });
      await page.$$eval('main details', (all) => all.forEach((one) => { one.open = true; }));
      await page.evaluate(axe);
      const found = await page.evaluate(() => globalThis.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] }));
      const grave = found.violations.filter((one) => ['serious', 'critical'].includes(one.impact));
      assert.deepEqual(grave.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(' | ')}`), []);
      await close();
    });
  }
}

test('a row opens by click and by key, and shows its rule', async () => {
  const { page, close } = await open('estate');
  const row = page.locator('.rec').first();
  assert.equal(await row.locator('.body').isVisible(), false);
  await row.locator('> details > summary').click();
  await row.getByText('What could go wrong', { exact: true }).waitFor();
  await row.getByRole('heading', { name: /^Arithmetic of the/ }).waitFor();
  await page.keyboard.press('Enter');
  await row.locator('.body').waitFor({ state: 'hidden' });
  await close();
});

test('the list is filtered by words, lever, gate and amount, and counts what is left', async () => {
  const { page, close } = await open('estate');
  const all = await ranks(page);
  await page.fill('#f-text', 'Vector STORE');
  const some = await ranks(page);
  assert.ok(some.length > 0 && some.length < all.length, `${some.length} of ${all.length}`);
  assert.match(await page.textContent('#f-count'), new RegExp(`^${some.length} of ${all.length} recommendations shown: \\$`));
  await page.fill('#f-text', 'no such words');
  assert.deepEqual(await ranks(page), []);
  await page.fill('#f-text', '');
  await page.selectOption('#f-when', 'gated');
  const gated = await page.$$eval('.rec:not([hidden])', (rows) => rows.map((row) => row.dataset.now));
  assert.ok(gated.length > 0 && gated.every((now) => now === ''), `${gated}`);
  await page.selectOption('#f-when', '');
  await page.selectOption('#f-least', '100');
  const large = await page.$$eval('.rec:not([hidden])', (rows) => rows.map((row) => Number(row.dataset.shown)));
  assert.ok(large.length > 0 && large.every((amount) => amount >= 100), `${large}`);
  await close();
});

test('the list is sorted by savings and back', async () => {
  const { page, close } = await open('estate');
  const given = await ranks(page);
  await page.selectOption('#f-sort', 'full');
  const full = await page.$$eval('.rec', (rows) => rows.map((row) => Number(row.dataset.full)));
  assert.deepEqual(full, full.slice().sort((a, b) => b - a));
  assert.notDeepEqual(await ranks(page), given);
  await page.selectOption('#f-sort', 'given');
  assert.deepEqual(await ranks(page), given);
  await close();
});

test('a table is sorted by a click on its head', async () => {
  const { page, close } = await open('estate');
  const table = page.locator('#cut-model + .scroll table');
  const amounts = () => table.locator('tbody td:nth-child(2)').evaluateAll(
    (cells) => cells.map((cell) => Number(cell.textContent.replace(/[^0-9.-]/g, ''))));
  const head = table.locator('thead th').nth(1);
  await head.getByRole('button').click();
  assert.equal(await head.getAttribute('aria-sort'), 'descending');
  const down = await amounts();
  assert.deepEqual(down, down.slice().sort((a, b) => b - a));
  await head.getByRole('button').click();
  const up = await amounts();
  assert.deepEqual(up, down.slice().reverse().sort((a, b) => a - b));
  await close();
});

test('dark follows the system and the button', async () => {
  const { page, close } = await open('estate', { colorScheme: 'dark' });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await paper();
  await page.click('#theme');
  const light = await paper();
  assert.notEqual(dark, light);
  await page.click('#theme');
  assert.equal(await paper(), dark);
  await close();
});

test('hostile names are text', async () => {
  const { page, heard, close } = await open('hostile');
  await page.$$eval('details', (all) => all.forEach((one) => { one.open = true; }));
  assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  const text = await page.evaluate(() => document.body.innerText);
  for (const name of ['<script>window.hacked = 1', '"><img src=x onerror=window.hacked=2>', '{{ 7 * 7 }}{% include \'page\' %}', '<style><title><b>bold', '&lt;i&gt;']) {
    assert.ok(text.includes(name), name);
  }
  assert.equal(await page.locator('img, body b:text-is("bold"), body script:not(:last-of-type)').count(), 0);
  assert.ok(!text.includes('\u202e'), 'a mark of direction');
  assert.deepEqual(heard, []);
  await close();
});

test('a browser shows the amounts of the JSON', async () => {
  const { page, close } = await open('estate');
  const json = JSON.parse(readFileSync(`${pages}/estate.json`, 'utf8'));
  const usd = (text) => Number(text.replace(/[$,]/g, ''));
  const ready = json.plans.find((plan) => plan.name === 'ready');
  assert.equal(usd(await page.textContent('[data-figure=ready]')), Math.round(Number(ready.savings_monthly) * 100) / 100);
  const shown = await page.$$eval('.rec .m-now', (cells) => cells.map((cell) => cell.textContent.trim()));
  const sum = shown.filter((text) => text !== '–').reduce((sum, text) => sum + Math.round(usd(text) * 100), 0);
  assert.equal(sum, Math.round(Number(ready.savings_monthly) * 100), 'the column adds up');
  assert.equal(shown.length, json.recommendations.length);
  await close();
});

test('500 recommendations and 5,000 workloads can be searched', async () => {
  const { page, close } = await open('large');
  assert.equal((await ranks(page)).length, 500);
  await page.fill('#f-text', 'service-0499');
  assert.equal((await ranks(page)).length, 1);
  await close();
});

if (process.env.LODE_SHOTS) {
  test('screenshots of every section', async () => {
    mkdirSync(process.env.LODE_SHOTS, { recursive: true });
    for (const [width, colorScheme] of [[1440, 'light'], [1440, 'dark'], [360, 'light']]) {
      const { page, close } = await open('estate', { width, colorScheme });
      await page.addStyleTag({ content: '.places { position: static !important; }' }).catch(() => {});
      await page.screenshot({ path: `${process.env.LODE_SHOTS}/top-${width}-${colorScheme}.png` });
      for (const id of await page.$$eval('main > section[id]', (all) => all.map((one) => one.id))) {
        await page.locator(`#${id}`).screenshot({ path: `${process.env.LODE_SHOTS}/${id}-${width}-${colorScheme}.png` });
      }
      await close();
    }
  });
}
