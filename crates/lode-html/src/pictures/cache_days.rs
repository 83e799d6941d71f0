//! Cache reads and writes by day, one small picture a caller, with the day marked from which on reads no longer repay writes.

use lode_report::v1::{CacheDaysV1, CachedDayV1, CallerCacheV1, ReportV1};
use lode_report::{count, short};

use super::measure::{WIDTH, amount, float, most, number};
use crate::picture::Picture;
use crate::svg::{Anchor, Svg};

/// Places of a caller's picture, and what of it is for its bars: two stand beside each other.
const PANEL: (f64, f64) = (360.0, 136.0);
const LEFT: f64 = 56.0;
const BARS: f64 = 292.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = 112.0;
/// Bars of one caller; more days are drawn as the average of several.
const MOST_BARS: usize = 93;
/// How ids of recommendations begin that stop writes which reads do not repay.
const NOT_REPAID: &str = "prompt-caching.writes-not-repaid/";
/// Characters of a name on the drawing.
const NAME: usize = 42;

/// The picture; `None` where nobody reads or writes.
pub(crate) fn cache_days(report: &ReportV1) -> Option<Picture> {
    let mut cache = report.cache_days.clone().filter(|cache| !cache.callers.is_empty())?;
    for caller in &mut cache.callers {
        caller.caller = lode_report::labelled(&report.labels, &caller.caller);
    }
    Some(draw(&cache))
}

/// Days that are drawn as one bar.
struct Bar<'a> {
    first: &'a CachedDayV1,
    last: &'a CachedDayV1,
    days: usize,
    sum: Sum,
}

/// Tokens of days.
#[derive(Clone, Copy, Default)]
struct Sum {
    prompt: u64,
    read: u64,
    written: u64,
}

impl Sum {
    fn of<'a>(days: impl IntoIterator<Item = &'a CachedDayV1>) -> Self {
        let add = |sum: Self, day: &CachedDayV1| Self {
            prompt: sum.prompt.saturating_add(day.prompt_tokens),
            read: sum.read.saturating_add(day.read_tokens),
            written: sum.written.saturating_add(day.written_tokens),
        };
        days.into_iter().fold(Self::default(), add)
    }

    /// `12 read for each written`.
    fn ratio(self) -> String {
        match (self.read, self.written) {
            (0, 0) => "–".to_owned(),
            (_, 0) => "no writes".to_owned(),
            (read, written) => format!("{:.2}", float(read) / float(written)),
        }
    }
}

fn draw(cache: &CacheDaysV1) -> Picture {
    let says = says(cache);
    let lines = cache.callers.len().div_ceil(2);
    let alone = cache.callers.len() == 1;
    let mut svg = Svg::new(WIDTH, PANEL.1 * f64::from(u32::try_from(lines).unwrap_or(1)), &says);
    let mut corner = (0.0, 0.0);
    for caller in &cache.callers {
        panel(&mut svg, caller, corner, if alone { BARS + PANEL.0 } else { BARS });
        corner = if corner.0 > 0.0 { (0.0, corner.1 + PANEL.1) } else { (PANEL.0, corner.1) };
    }
    let mut legend =
        vec![("bar", "tokens read from the cache".to_owned()), ("bar-2", "tokens written to it".to_owned())];
    if cache.callers.iter().any(|caller| caller.breaks.is_some()) {
        legend.push(("mark", "from this day on reads no longer repay the writes".to_owned()));
    }
    Picture {
        id: "cache-days".to_owned(),
        title: "Prompt-cache reads and writes by day".to_owned(),
        says,
        svg: svg.finish(),
        narrow: None,
        legend,
        columns: ["Caller", "Model", "Where", "Days", "Prompt tokens", "Read", "Written", "Read for each written"]
            .map(str::to_owned)
            .to_vec(),
        rows: rows(cache),
    }
}

/// One caller's bars, each on its own scale.
fn panel(svg: &mut Svg, caller: &CallerCacheV1, (left, top): (f64, f64), width: f64) {
    let bars = bars(&caller.days);
    let mean = |bar: &Bar<'_>, tokens: u64| float(tokens) / float(bar.days.max(1) as u64);
    let highest = most(bars.iter().map(|bar| mean(bar, bar.sum.read.saturating_add(bar.sum.written)))).max(1.0);
    let (left, bottom) = (left + LEFT, top + BOTTOM);
    let high = |value: f64| value / highest * (BOTTOM - TOP);
    svg.text("label", (left, top + 14.0), Anchor::Start, &short(&caller.caller, NAME));
    svg.line("grid", (left, top + TOP), (left + width, top + TOP));
    svg.text("tick", (left - 6.0, top + TOP + 4.0), Anchor::End, &tokens(highest));
    svg.text("tick", (left - 6.0, bottom + 4.0), Anchor::End, "0");
    let slot = width / float(bars.len().max(1) as u64);
    let mut x = left;
    for bar in &bars {
        let tip = tip(caller, bar);
        let (read, written) = (high(mean(bar, bar.sum.read)), high(mean(bar, bar.sum.written)));
        let across = if slot > 3.0 { slot - 1.0 } else { slot };
        if bar.sum.read > 0 {
            svg.rect("bar", (x, bottom - read), (across, read), &tip);
        }
        if bar.sum.written > 0 {
            svg.rect("bar-2", (x, bottom - read - written), (across, written), &tip);
        }
        if let Some(day) = caller.breaks.as_ref().filter(|day| (&bar.first.date..=&bar.last.date).contains(day)) {
            svg.line("mark", (x, top + TOP - 10.0), (x, bottom));
            let (anchor, apart) = if x > left + width / 2.0 { (Anchor::End, -4.0) } else { (Anchor::Start, 4.0) };
            svg.text("mark-text", (x + apart, top + TOP - 4.0), anchor, &format!("since {}", short(day, 10)));
        }
        x += slot;
    }
    svg.line("axis", (left, bottom), (left + width, bottom));
    for (bar, x, anchor) in [(bars.first(), left, Anchor::Start), (bars.last(), left + width, Anchor::End)] {
        let Some(bar) = bar else { continue };
        let day = if matches!(anchor, Anchor::Start) { bar.first } else { bar.last };
        svg.text("tick", (x, bottom + 16.0), anchor, &short(&day.date, 10));
    }
}

fn bars(days: &[CachedDayV1]) -> Vec<Bar<'_>> {
    let each = days.len().div_ceil(MOST_BARS).max(1);
    days.chunks(each)
        .filter_map(|days| Some(Bar { first: days.first()?, last: days.last()?, days: days.len(), sum: Sum::of(days) }))
        .collect()
}

/// `1.2 M`, `340 k`, `12`.
fn tokens(value: f64) -> String {
    let (size, unit) =
        [(1e9, " bn"), (1e6, " M"), (1e3, " k")].into_iter().find(|(size, _)| value >= *size).unwrap_or((1.0, ""));
    format!("{}{unit}", amount(value / size))
}

fn tip(caller: &CallerCacheV1, bar: &Bar<'_>) -> String {
    let (first, last) = (&bar.first.date, &bar.last.date);
    let when = if first == last { first.clone() } else { format!("{first} to {last}") };
    let Sum { prompt, read, written } = bar.sum;
    format!(
        "{}, {when}: {} tokens read, {} written, of {} prompt tokens",
        short(&caller.caller, 200),
        number(read),
        number(written),
        number(prompt)
    )
}

/// What is read for what is written, and whose reads no longer repay.
fn says(cache: &CacheDaysV1) -> String {
    let all = Sum::of(cache.callers.iter().flat_map(|caller| &caller.days));
    let others = cache.others.as_ref();
    let read = all.read.saturating_add(others.map_or(0, |others| others.read_tokens));
    let written = all.written.saturating_add(others.map_or(0, |others| others.written_tokens));
    let ratio = match written {
        0 => String::new(),
        _ => format!(", {:.2} for each written", float(read) / float(written)),
    };
    let sums = format!(
        "On complete days {} tokens were read from the cache and {} written{ratio}.",
        number(read),
        number(written)
    );
    let broken: Vec<String> = cache
        .callers
        .iter()
        .filter_map(|caller| {
            Some(format!("{} since {}", short(&caller.caller, 60), short(caller.breaks.as_ref()?, 10)))
        })
        .collect();
    let broken = if broken.is_empty() {
        String::new()
    } else {
        format!(" Reads no longer repay the writes: {}.", broken.join("; "))
    };
    let is_unpaid = |caller: &&CallerCacheV1| {
        caller.breaks.is_none() && caller.recommendations.iter().any(|id| id.starts_with(NOT_REPAID))
    };
    let unpaid: Vec<String> = cache.callers.iter().filter(is_unpaid).map(|caller| short(&caller.caller, 60)).collect();
    let unpaid = match unpaid.is_empty() {
        true => String::new(),
        false => format!(" Over the window reads do not repay the writes: {}.", unpaid.join("; ")),
    };
    let more = others.map_or_else(String::new, |others| {
        let callers = count(others.callers as u64, "other caller is", "other callers are");
        format!(
            " {callers} not drawn; they read {} and wrote {}.",
            number(others.read_tokens),
            number(others.written_tokens)
        )
    });
    let scale = if cache.callers.len() > 1 { " Each caller has its own scale." } else { "" };
    format!("{sums}{broken}{unpaid}{more}{scale}")
}

/// A row a caller, two where there is a break: before it, and since.
fn rows(cache: &CacheDaysV1) -> Vec<Vec<String>> {
    let row = |caller: &CallerCacheV1, when: String, sum: Sum| {
        let place = format!("{} · {}", short(&caller.region, 40), short(&caller.account, 20));
        let figures = [sum.prompt, sum.read, sum.written].map(number);
        [short(&caller.caller, 200), short(&caller.model, 200), place, when]
            .into_iter()
            .chain(figures)
            .chain([sum.ratio()])
            .collect()
    };
    let source = |caller: &CallerCacheV1| if caller.source == "logs" { ", as logged" } else { "" };
    let mut rows: Vec<Vec<String>> = Vec::new();
    for caller in &cache.callers {
        if let Some(day) = &caller.breaks {
            let (since, before): (Vec<&CachedDayV1>, Vec<&CachedDayV1>) =
                caller.days.iter().partition(|other| other.date >= *day);
            rows.push(row(caller, format!("before {}{}", short(day, 10), source(caller)), Sum::of(before)));
            rows.push(row(caller, format!("since {}{}", short(day, 10), source(caller)), Sum::of(since)));
        } else {
            rows.push(row(caller, format!("{}{}", caller.days.len(), source(caller)), Sum::of(&caller.days)));
        }
    }
    rows.extend(cache.others.as_ref().map(|others| {
        let sum = Sum { prompt: others.prompt_tokens, read: others.read_tokens, written: others.written_tokens };
        let who = count(others.callers as u64, "other", "others");
        let dash = || "–".to_owned();
        let figures = [sum.prompt, sum.read, sum.written].map(number);
        [who, dash(), dash(), dash()].into_iter().chain(figures).chain([sum.ratio()]).collect()
    }));
    rows
}

#[cfg(test)]
mod tests {
    use lode_report::v1::OtherCacheV1;

    use super::*;

    fn caller(name: &str, days: &[(u64, u64)], breaks: Option<&str>) -> CallerCacheV1 {
        let day = |(nth, (read, written)): (usize, &(u64, u64))| CachedDayV1 {
            date: format!("2026-10-{:02}", nth + 1),
            prompt_tokens: 1_000,
            read_tokens: *read,
            written_tokens: *written,
        };
        CallerCacheV1 {
            account: "111111111111".to_owned(),
            region: "us-east-1".to_owned(),
            model: "anthropic.claude-sonnet-4-6".to_owned(),
            caller: name.to_owned(),
            source: "bill".to_owned(),
            breaks: breaks.map(str::to_owned),
            recommendations: Vec::new(),
            days: days.iter().enumerate().map(day).collect(),
        }
    }

    #[test]
    fn the_break_is_marked_on_its_day() {
        let app = caller("role/app", &[(800, 100), (800, 100), (0, 400)], Some("2026-10-03"));
        let others = Some(OtherCacheV1 { callers: 1, prompt_tokens: 50, read_tokens: 30, written_tokens: 10 });
        let picture = draw(&CacheDaysV1 { callers: vec![app], others });
        assert_eq!(
            picture.says,
            "On complete days 1,630 tokens were read from the cache and 610 written, 2.67 for each written. Reads no longer repay \
             the writes: role/app since 2026-10-03. 1 other caller is not drawn; they read 30 and wrote 10."
        );
        // Three days over 652 units; 900 tokens over 78.
        assert!(
            picture.svg.contains("<rect class=\"bar\" x=\"56\" y=\"42.7\" width=\"216.3\" height=\"69.3\">"),
            "{}",
            picture.svg
        );
        assert!(
            picture.svg.contains("<rect class=\"bar-2\" x=\"56\" y=\"34\" width=\"216.3\" height=\"8.7\">"),
            "{}",
            picture.svg
        );
        assert!(
            picture.svg.contains("<line class=\"mark\" x1=\"490.7\" y1=\"24\" x2=\"490.7\" y2=\"112\"/>"),
            "{}",
            picture.svg
        );
        assert_eq!(picture.svg.matches("class=\"bar\"").count(), 2, "nothing was read on the third");
        let tip = "role/app, 2026-10-03: 0 tokens read, 400 written, of 1,000 prompt tokens";
        assert!(picture.svg.contains(tip));
        assert_eq!(picture.rows[0][3..], ["before 2026-10-03", "2,000", "1,600", "200", "8.00"]);
        assert_eq!(picture.rows[1][3..], ["since 2026-10-03", "1,000", "0", "400", "0.00"]);
        assert_eq!(picture.rows[2][..4], ["1 other", "–", "–", "–"]);
    }

    #[test]
    fn callers_stand_two_by_two_and_long_windows_are_averages() {
        let callers = ["a", "b", "<c>"].map(|name| caller(name, &[(10, 0)], None));
        let mut callers = callers.to_vec();
        callers[1].recommendations = vec!["prompt-caching.writes-not-repaid/111111111111/us-east-1/m/b".to_owned()];
        let picture = draw(&CacheDaysV1 { callers, others: None });
        assert!(picture.svg.starts_with("<svg viewBox=\"0 0 720 272\""), "{}", picture.svg);
        assert!(
            picture.svg.contains("<text class=\"label\" x=\"56\" y=\"150\" text-anchor=\"start\">&lt;c&gt;</text>")
        );
        let unpaid = "Over the window reads do not repay the writes: b. Each caller has its own scale.";
        assert!(picture.says.ends_with(unpaid), "{}", picture.says);
        assert_eq!(picture.rows[0].last().map(String::as_str), Some("no writes"));
        let days: Vec<(u64, u64)> = vec![(5, 1); 94];
        let long = caller("a", &days, None);
        let bars = bars(&long.days);
        assert_eq!((bars.len(), bars[0].days, bars[0].sum.read), (47, 2, 10));
    }

    #[test]
    fn large_numbers_are_short_on_the_axis() {
        assert_eq!([12.0, 340_000.0, 1_250_000.0, 2e9].map(tokens), ["12", "340 k", "1.2 M", "2.0 bn"]);
    }
}
