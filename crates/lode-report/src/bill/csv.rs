//! The bill as one flat CSV table: a line for every row of every cut, amounts exact.
//!
//! A spreadsheet must not take text of a bill for a formula: see [`field`]. What the columns and cuts mean is in
//! `docs/bill.md`.

use lode_model::{ChargeKind, Class, Money, Quantity};
use lode_sim::{RateRow, Slice};

use super::words::{class_words, kept_as, looks_like, rate_unit, trimmed};
use crate::Report;
use crate::text::clean;

const COLUMNS: [&str; 22] = [
    "cut",
    "name",
    "account",
    "region",
    "model",
    "routing",
    "mode",
    "context_band",
    "class",
    "source",
    "usage_type",
    "day",
    "quantity",
    "unit",
    "billed",
    "monthly",
    "share",
    "list_rate",
    "effective_rate",
    "rate_unit",
    "at_list",
    "note",
];

/// A line. What is not said stays empty.
#[derive(Default)]
struct Line {
    cut: &'static str,
    name: String,
    account: String,
    region: String,
    model: String,
    routing: String,
    mode: String,
    context_band: String,
    class: String,
    source: String,
    usage_type: String,
    day: String,
    quantity: String,
    unit: String,
    billed: String,
    monthly: String,
    share: String,
    list_rate: String,
    effective_rate: String,
    rate_unit: String,
    at_list: String,
    note: String,
}

impl Line {
    fn cells(&self) -> [&str; COLUMNS.len()] {
        [
            self.cut,
            &self.name,
            &self.account,
            &self.region,
            &self.model,
            &self.routing,
            &self.mode,
            &self.context_band,
            &self.class,
            &self.source,
            &self.usage_type,
            &self.day,
            &self.quantity,
            &self.unit,
            &self.billed,
            &self.monthly,
            &self.share,
            &self.list_rate,
            &self.effective_rate,
            &self.rate_unit,
            &self.at_list,
            &self.note,
        ]
    }
}

/// The bill as CSV: a header, then `total`, then cut by cut.
#[must_use]
pub fn bill_csv(report: &Report<'_>) -> String {
    let mut out = COLUMNS.join(",");
    out.push('\n');
    for line in lines(report) {
        let cells: Vec<String> = line.cells().iter().map(|cell| field(cell)).collect();
        out.push_str(&cells.join(","));
        out.push('\n');
    }
    out
}

fn lines(report: &Report<'_>) -> Vec<Line> {
    let view = report.view;
    let whole = Slice { name: "total".to_owned(), billed: view.billed, monthly: view.monthly };
    let mut lines = Vec::new();
    let mut cut = |cut, slices: &[Slice], detail: &dyn Fn(&mut Line)| {
        lines.extend(slices.iter().map(|slice| {
            let mut line = of_slice(cut, slice, view.billed);
            detail(&mut line);
            line
        }));
    };
    let none = |_: &mut Line| {};
    let same = |field: fn(&mut Line) -> &mut String| {
        move |line: &mut Line| {
            let name = line.name.clone();
            *field(line) = name;
        }
    };
    cut("total", &[whole], &none);
    cut("nature", &view.by_nature, &none);
    cut("layer", &view.by_layer, &none);
    cut("feature", &view.by_feature, &none);
    cut("source", &view.by_source, &same(|line| &mut line.source));
    cut("service", &view.by_service, &none);
    cut("model", &view.by_model, &same(|line| &mut line.model));
    cut("caller", &view.by_caller, &none);
    cut("class", &view.by_class, &|line| {
        line.class = std::mem::take(&mut line.name);
        line.name = class_words(&Class::from_word(&line.class));
    });
    cut("account", &view.by_account, &|line| {
        line.account = std::mem::take(&mut line.name);
        let name = report.estate.account_names.get(&line.account.as_str().into());
        line.name = name.map_or_else(String::new, ToString::to_string);
    });
    lines.extend(view.rates.iter().map(|row| of_rate(row, view.billed)));
    lines.extend(days(report));
    let part = |cut, slice: &Slice| of_slice(cut, slice, view.billed);
    let unclassified = view.unclassified.iter();
    lines.extend(unclassified.map(|slice| Line { usage_type: slice.name.clone(), ..part("part:unclassified", slice) }));
    if !view.unattributed.billed.is_zero() {
        lines.push(part("part:unattributed", &view.unattributed));
    }
    lines.extend(view.anomalies.iter().map(|anomaly| Line {
        cut: "part:anomaly",
        usage_type: anomaly.usage_type.to_string(),
        billed: exact(anomaly.billed),
        share: share(anomaly.billed, view.billed),
        at_list: exact(anomaly.list),
        note: format!("{}; {}", looks_like(anomaly), kept_as(anomaly)),
        ..Line::default()
    }));
    lines.extend(view.aside.iter().map(|aside| Line {
        cut: "aside",
        name: aside.name.clone(),
        billed: exact(aside.billed),
        ..Line::default()
    }));
    lines
}

fn of_slice(cut: &'static str, slice: &Slice, whole: Money) -> Line {
    Line {
        cut,
        name: slice.name.clone(),
        billed: exact(slice.billed),
        monthly: exact(slice.monthly),
        share: share(slice.billed, whole),
        ..Line::default()
    }
}

fn of_rate(row: &RateRow, whole: Money) -> Line {
    let key = &row.key;
    let rate = |rate: Option<Money>| rate.map(exact).unwrap_or_default();
    let unit = row.quantity.map(|quantity| quantity.unit);
    let kind = match (row.kind, row.quantity) {
        (ChargeKind::Fee, _) => "fee",
        (_, None) => "fixed amount",
        _ => "",
    };
    Line {
        cut: "price",
        name: if key.custom { "custom model".to_owned() } else { String::new() },
        account: key.account.to_string(),
        region: key.region.to_string(),
        model: key.model.to_string(),
        routing: key.routing.to_string(),
        mode: key.mode.to_string(),
        context_band: key.band.to_string(),
        class: key.class.to_string(),
        source: key.source.to_string(),
        quantity: row.quantity.map(amount).unwrap_or_default(),
        unit: unit.map(|unit| unit.spoken().to_owned()).unwrap_or_default(),
        billed: exact(row.billed),
        share: share(row.billed, whole),
        list_rate: rate(row.list_rate()),
        effective_rate: rate(row.effective_rate()),
        rate_unit: unit.map(|unit| rate_unit(unit).to_owned()).unwrap_or_default(),
        at_list: rate(row.at_list()),
        note: row.unpriced.as_ref().map_or_else(|| kind.to_owned(), ToString::to_string),
        ..Line::default()
    }
}

/// By day, and by day and layer; one-off fees, which have no day of their own, are a line without one.
fn days(report: &Report<'_>) -> Vec<Line> {
    let view = report.view;
    let line = |cut, name: &str, day: &str, billed: Money| Line {
        cut,
        name: name.to_owned(),
        day: day.to_owned(),
        billed: exact(billed),
        share: share(billed, view.billed),
        ..Line::default()
    };
    let mut lines: Vec<Line> = view.by_day.iter().map(|day| line("day", "", &day.name, day.billed)).collect();
    let fees = |cut| (!view.fees.is_zero()).then(|| line(cut, "one-off fees", "", view.fees));
    lines.extend(fees("day"));
    for (place, day) in view.by_day.iter().enumerate() {
        for (layer, dollars) in &view.trend.by_layer {
            let billed = dollars.get(place).copied().filter(|billed| !billed.is_zero());
            lines.extend(billed.map(|billed| line("day-layer", layer.as_str(), &day.name, billed)));
        }
    }
    lines.extend(fees("day-layer"));
    lines
}

/// Dollars to the pico-dollar, without zeros at the end.
fn exact(money: Money) -> String {
    trimmed(&money.to_decimal(12), 2)
}

/// A quantity in the unit people speak of.
fn amount(quantity: Quantity) -> String {
    let micro = quantity.steps.saturating_mul(1_000_000 / quantity.unit.steps());
    trimmed(&Money::from_micro(micro).to_decimal(6), 0)
}

/// A fraction with six decimals.
fn share(part: Money, whole: Money) -> String {
    format!("{:.6}", crate::v1::six_places(part.share_of(whole)) + 0.0)
}

/// A field: control characters taken out, quoted where it must be (RFC 4180), and never a formula. Text that starts
/// like one gets an apostrophe in front, as spreadsheets do themselves (OWASP, CSV injection, read 2026-10); plain
/// numbers are left alone.
pub(crate) fn field(text: &str) -> String {
    let starts = |text: &str| {
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
    };
    let shown = clean(text);
    // A reader that takes quotes and spaces off must not find a formula behind them.
    let bare = shown.trim_start_matches(|c: char| c == '"' || c.is_whitespace());
    let formula = (starts(text) || starts(bare)) && !is_number(text);
    let safe = if formula { format!("'{shown}") } else { shown };
    let quoted = safe.contains([',', '"', ';']) || safe.starts_with(' ') || safe.ends_with(' ');
    if quoted { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

/// `-12.5`: a sign, digits, and perhaps decimals.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, decimals)) => digits(whole) && digits(decimals),
        None => digits(unsigned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lode_model::Unit;

    #[test]
    fn no_field_is_a_formula() {
        for (text, expected) in [
            ("role/app", "role/app"),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "' =1"),
            ("\r=1", "' =1"),
            ("  =1", "'  =1"),
            ("\"=1", "\"'\"\"=1\""),
            (" \" =1", "\"' \"\" =1\""),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("-3.50", "-3.50"),
            ("+12", "+12"),
            ("-", "'-"),
            ("-1.", "'-1."),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("a\r\nb", "a  b"),
            ("", ""),
        ] {
            assert_eq!(field(text), expected, "{text:?}");
        }
    }

    #[test]
    fn amounts_are_exact() {
        let tokens = Quantity { steps: 29_481, unit: Unit::Token };
        let hours = Quantity { steps: 1_500_000, unit: Unit::MicroHour };
        assert_eq!([amount(tokens), amount(hours)], ["29481", "1.5"]);
        assert_eq!(exact(Money::from_pico(1)), "0.000000000001");
        assert_eq!(exact(Money::parse("-2.5").expect("money")), "-2.50");
    }
}
