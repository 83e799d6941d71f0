'use strict';
(() => {
  const one = (at) => document.querySelector(at);
  const all = (at, from = document) => Array.from(from.querySelectorAll(at));

  // Light and dark follow the system until the button is used.
  const theme = one('#theme');
  const dark = () => document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  const name = () => { theme.textContent = dark() ? 'Light' : 'Dark'; };
  theme.hidden = false;
  name();
  theme.addEventListener('click', () => { document.documentElement.dataset.theme = dark() ? 'light' : 'dark'; name(); });

  // Tables sort by a click on a head: columns of figures by number, others by text.
  for (const table of all('table.sortable')) {
    const heads = all('thead th', table);
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener('click', () => {
        const numbers = head.classList.contains('n');
        const down = head.getAttribute('aria-sort') ? head.getAttribute('aria-sort') === 'ascending' : numbers;
        heads.forEach((other) => other.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const value = (row) => {
          const cell = row.cells[column];
          return numbers ? Number(cell.textContent.replace(/[^0-9.-]/g, '')) : cell.textContent.trim().toLowerCase();
        };
        const rows = Array.from(table.tBodies[0].rows).map((row) => [value(row), row]);
        rows.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1));
        table.tBodies[0].append(...rows.map(([, row]) => row));
      });
    });
  }

  const list = one('.recs');
  if (!list) return;
  const tools = one('.tools');
  tools.hidden = false;
  tools.addEventListener('submit', (event) => event.preventDefault());
  const rows = all('.rec', list);
  const given = one('#f-count').textContent;
  const field = (id) => one('#f-' + id);
  const order = {
    effort: ['very low', 'low', 'medium', 'high', 'very high'],
    grade: ['measured', 'replayed', 'modelled', 'assumed'],
  };
  const usd = (cents) => '$' + (cents / 100).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const cents = (text) => (text ? Math.round(Number(text) * 100) : 0);

  const said = new Map(rows.map((row) => [row, (row.querySelector('summary').textContent + ' ' + row.querySelector('.id').textContent).toLowerCase()]));

  // What a rule says stands once in the page, and is shown in each recommendation that is opened.
  const showRule = (row) => {
    const here = row.querySelector('.rule-here');
    const rule = here && document.querySelector(here.firstElementChild.getAttribute('href') + ' .rule-text');
    if (rule) here.replaceWith(rule.cloneNode(true));
  };
  for (const row of rows) row.querySelector('details').addEventListener('toggle', () => showRule(row));

  const filter = () => {
    const words = field('text').value.toLowerCase().split(/\s+/).filter(Boolean);
    const lever = field('lever').value;
    const when = field('when').value;
    const least = Number(field('least').value) * 100;
    let shown = 0, now = 0, full = 0;
    for (const row of rows) {
      const d = row.dataset;
      row.hidden = !(words.every((word) => said.get(row).includes(word)) && (!lever || d.lever === lever) && (!when || d.when === when || (when === 'ready' && d.now))
        && cents(d.shown) >= least);
      if (!row.hidden) { shown += 1; now += cents(d.now); full += cents(d.full); }
    }
    one('#f-count').textContent = shown === rows.length ? given
      : shown + ' of ' + rows.length + ' recommendations shown: ' + usd(now) + ' a month now, ' + usd(full)
        + ' in full. The total below is of all.';
  };
  const sort = () => {
    const by = field('sort').value;
    const key = {
      given: (d) => Number(d.place),
      now: (d) => -cents(d.now),
      full: (d) => -cents(d.full),
      effort: (d) => order.effort.indexOf(d.effort),
      grade: (d) => order.grade.indexOf(d.grade),
    }[by];
    const sorted = rows.slice().sort((a, b) => key(a.dataset) - key(b.dataset) || a.dataset.place - b.dataset.place);
    list.append(...sorted);
  };
  rows.forEach((row, place) => { row.dataset.place = place; });
  for (const id of ['text', 'lever', 'when', 'least']) field(id).addEventListener('input', filter);
  field('sort').addEventListener('input', sort);
  const open = field('open');
  open.addEventListener('click', () => {
    const opens = open.textContent === 'Open all';
    rows.forEach((row) => { row.querySelector('details').open = opens; });
    open.textContent = opens ? 'Close all' : 'Open all';
  });

  // On paper what is closed cannot be opened: a short list is printed whole.
  let opened = [];
  addEventListener('beforeprint', () => {
    opened = rows.length > 60 ? [] : rows.map((row) => row.querySelector('details')).filter((one) => !one.open);
    opened.forEach((one) => { one.open = true; });
    for (const row of rows) showRule(row);
  });
  addEventListener('afterprint', () => opened.forEach((one) => { one.open = false; }));

  // A link to a recommendation opens it.
  const follow = () => {
    const rank = /^#number-(\d+)$/.exec(location.hash);
    const row = rank && rows.find((one) => one.dataset.rank === rank[1]);
    if (row) { row.querySelector('details').open = true; row.scrollIntoView(); }
  };
  addEventListener('hashchange', follow);
  follow();
})();
