//! Names come from whoever may call a model: no page lets them move the cursor, turn the text round, break a table,
//! leave a code block or become HTML.

use lode_sim::TieOut;

use super::fixture::{Fixture, tie_out, workload};
use crate::{
    Look, bill_csv, bill_markdown, bill_table, explain_recommendation, report_csv, report_markdown, report_table,
};

const CALLER: &str = "role/\u{1b}[2J|x|\r\n# <img src=x onerror=y> \u{202e}`[a](b)`\u{9b}31m";
const COHORT: &str = "chat\n|9|\u{1b}]0;title\u{7}";
const ACTION: &str = "Drop the tools a|b\n\n| 1 | 2 | </details> <script> **bold** \u{200b}_x_ ~~y~~";
/// Where it is wrapped, a line of nothing but backticks stands alone.
const MOVES: &str = concat!(
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "\n`````\n",
    "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
);

fn hostile() -> Fixture {
    let mut fixture = Fixture::of(CALLER, COHORT, ACTION, MOVES).with(TieOut {
        unresolved: vec![("mod|el\u{1b}[31m<b>".to_owned(), 3)],
        withheld: vec![workload(CALLER, COHORT)],
        ..tie_out()
    });
    if let Some(tie) = &mut fixture.estate.tie_out {
        tie.rows[0].model = "m|\u{1b}[5m\n| <i>".into();
    }
    super::cache_counters::plant(&mut fixture, "m|\u{1b}[5m\n# [a](b) <i>", &[(100, 80), (100, 20)]);
    fixture.outcome.recommendations[0].in_full = Some(ACTION.to_owned());
    fixture.outcome.recommendations[0].only = Some(lode_engine::Only { cohorts: vec![COHORT.into()], calls: 3, of: 9 });
    fixture.outcome.recommendations[0].evidence[1].value =
        lode_engine::Value::Text("tool|\u{1b}[1m\n<u>, <!--".to_owned());
    fixture
}

#[test]
fn terminals_are_safe() {
    let look = Look { width: 100, colour: false };
    let pages = hostile().show(|report| {
        let explained = explain_recommendation(report, &report.outcome.recommendations[0], look);
        [report_table(report, look), bill_table(report, look), explained]
    });
    for page in pages {
        let bad: Vec<char> =
            page.chars().filter(|c| *c != '\n' && crate::clean(&c.to_string()) == " " && *c != ' ').collect();
        assert_eq!(bad, [], "{page}");
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let wide = "\u{6f22}".repeat(90);
    let long = "arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/".to_owned() + &"x".repeat(200);
    for (caller, action) in [(CALLER, ACTION), (wide.as_str(), wide.as_str()), (&long, "Drop them")] {
        let mut fixture = hostile();
        let owner = workload(caller, COHORT);
        let found = &mut fixture.outcome.recommendations[0];
        found.subject = owner.clone();
        found.action = action.to_owned();
        found.gate = Some(lode_engine::Gate::Evaluation);
        found.rule.check = Some(long.clone());
        for plan in [&mut fixture.outcome.ready, &mut fixture.outcome.full] {
            plan.baseline = super::fixture::dollars("1234567890.12");
            plan.steps[0].before = plan.baseline;
            plan.steps[0].after = super::fixture::dollars("0");
            plan.remaining = super::fixture::dollars("0");
        }
        for width in 60..=200 {
            for colour in [false, true] {
                let look = Look { width, colour };
                let pages = fixture.show(|report| {
                    [
                        report_table(report, look),
                        explain_recommendation(report, &report.outcome.recommendations[0], look),
                    ]
                });
                for line in pages.iter().flat_map(|page| page.lines()) {
                    // Commands are pasted whole.
                    let command = line.trim_start().starts_with("aws ") || line.contains("next: ");
                    let columns = crate::look::visible(line);
                    assert!(command || columns <= width, "{columns} of {width}: {line}");
                }
            }
        }
    }
}

#[test]
fn spreadsheets_are_safe() {
    let mut fixture = Fixture::of("=cmd|'/C calc'!A0,\"x\"\r\n@SUM(1)", COHORT, ACTION, MOVES);
    fixture.estate.account_names = [("111111111111".into(), "\t+1+1".into())].into();
    let csv = fixture.show(bill_csv);
    assert!(csv.chars().all(|c| c == '\n' || crate::clean(&c.to_string()) == c.to_string()), "{csv}");
    assert!(csv.contains("\ncaller,\"'=cmd|'/C calc'!A0,\"\"x\"\"  @SUM(1)\","), "{csv}");
    assert!(csv.contains("\naccount,' +1+1,111111111111,"), "{csv}");
}

#[test]
fn spreadsheets_of_the_report_are_safe() {
    let mut fixture = Fixture::of("=HYPERLINK(\"http://x\",\"y\")", COHORT, "@SUM(1)\r\n,\"z\"", MOVES);
    let found = &mut fixture.outcome.recommendations[0];
    found.in_full = Some("\t=1+1".to_owned());
    found.rule.title = "\" =2+2".to_owned();
    found.savings.low = super::fixture::dollars("-3.5");
    let csv = fixture.show(report_csv);
    assert!(csv.chars().all(|c| c == '\n' || crate::clean(&c.to_string()) == c.to_string()), "{csv}");
    let lines: Vec<Vec<String>> = csv.lines().map(cells).collect();
    let kinds: Vec<&str> = lines.iter().map(|cells| cells[0].as_str()).collect();
    let expected =
        ["row", "recommendation", "plan", "plan", "bill", "missed_by_service_filter", "data_gap", "declined"];
    assert_eq!(kinds, expected);
    assert!(lines.iter().all(|cells| cells.len() == lines[0].len()), "{csv}");
    let place = |name: &str| lines[0].iter().position(|column| column == name).expect("a column");
    let cell = |name: &str| lines[1][place(name)].as_str();
    assert_eq!(cell("caller"), "'=HYPERLINK(\"http://x\",\"y\")");
    assert_eq!(cell("action"), "'@SUM(1)  ,\"z\"");
    assert_eq!(cell("in_full"), "' =1+1");
    assert_eq!(cell("title"), "'\" =2+2");
    assert_eq!([cell("low"), cell("now_monthly"), cell("full_monthly")], ["-3.500000", "65.178571", "65.178571"]);
    assert_eq!([cell("share_of_scope"), cell("current_monthly")], ["0.277778", "234.642857"]);
    assert_eq!(lines[7][place("caller")], "'=HYPERLINK(\"http://x\",\"y\")");
}

/// The cells of a line, with quotes taken off as RFC 4180 says.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted, mut was_quote) = (vec![String::new()], false, false);
    for c in line.chars() {
        let last = cells.last_mut().expect("there is one");
        match c {
            '"' if quoted => (quoted, was_quote) = (false, true),
            '"' => {
                if was_quote {
                    last.push('"');
                }
                (quoted, was_quote) = (true, false);
            }
            ',' if !quoted => {
                cells.push(String::new());
                was_quote = false;
            }
            c => last.push(c),
        }
    }
    cells
}

#[test]
fn markdown_is_safe() {
    for page in hostile().show(|report| [report_markdown(report), bill_markdown(report)]) {
        let mut fence: Option<usize> = None;
        let mut columns: Option<usize> = None;
        for line in page.lines() {
            let ticks = line.trim_start().chars().take_while(|c| *c == '`').count();
            match fence {
                None if ticks >= 3 => fence = Some(ticks),
                Some(open) if ticks >= open && line.trim().len() == ticks => fence = None,
                _ => {}
            }
            if fence.is_some() || ticks >= 3 {
                continue;
            }
            assert!(!line.contains("yyyy"), "left the code block: {line}");
            // Every row of a table has as many cells as its head.
            let cells = line.replace("\\|", "").matches('|').count();
            if line.starts_with('|') {
                assert_eq!(*columns.get_or_insert(cells), cells, "{line}");
            } else {
                columns = None;
                assert_eq!(cells, 0, "{line}");
            }
            assert!(!line.starts_with("# ") || line.starts_with("# Amazon Bedrock"), "{line}");
            let plain = line.replace("<details><summary>", "").replace("</summary>", "").replace("</details>", "");
            assert!(!plain.contains('<'), "{line}");
            assert!(!line.contains("](") || line.contains("\\]("), "{line}");
        }
        assert_eq!(fence, None, "a code block is left open");
        assert!(page.chars().all(|c| c == '\n' || crate::clean(&c.to_string()) == c.to_string()));
    }
}
