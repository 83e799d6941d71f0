//! Every form has the same rows, under its own names.

use std::collections::BTreeSet;

use crate::{BillForm, CUR_COLUMNS, Estate, Habits, Options, csv_text, estate, export_in};

fn month() -> Estate {
    estate(&Options { seed: 1, scale: 5, habits: Habits::all() })
}

/// The cells of a form under one of these names.
fn column(form: BillForm, month: &Estate, names: &[&str]) -> Vec<String> {
    let (header, rows) = export_in(month, form);
    let place = header.iter().position(|name| names.contains(&name.as_str())).expect("a column of that name");
    rows.into_iter().map(|mut row| row.swap_remove(place)).collect()
}

#[test]
fn the_rows_are_the_same_in_every_form() {
    let month = month();
    for names in [
        ["line_item_usage_type", "lineItem/UsageType", "x_UsageType", "SkuMeter"],
        ["line_item_unblended_cost", "lineItem/UnblendedCost", "BilledCost", "BilledCost"],
        ["line_item_usage_amount", "lineItem/UsageAmount", "PricingQuantity", "PricingQuantity"],
        ["line_item_usage_account_id", "lineItem/UsageAccountId", "SubAccountId", "SubAccountId"],
        ["pricing_unit", "pricing/unit", "PricingUnit", "PricingUnit"],
    ] {
        let wanted = column(BillForm::Cur2, &month, &names);
        assert!(wanted.len() > 100);
        for form in BillForm::ALL {
            assert_eq!(column(form, &month, &names), wanted, "{form:?} {names:?}");
        }
    }
}

#[test]
fn the_rows_cost_what_the_bill_does() {
    let month = month();
    let pico = |text: &String| {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        format!("{whole}{part:0<12}").parse::<i128>().expect("dollars with at most twelve decimal places")
    };
    let costs: i128 = column(BillForm::Focus12, &month, &["BilledCost"]).iter().map(pico).sum();
    assert_eq!(costs, month.bill().total().pico());
}

#[test]
fn every_name_is_there_once_and_every_row_is_as_long() {
    let month = month();
    for form in BillForm::ALL {
        let (header, rows) = export_in(&month, form);
        assert_eq!(header.iter().collect::<BTreeSet<_>>().len(), header.len(), "{form:?}");
        assert!(rows.iter().all(|row| row.len() == header.len()), "{form:?}");
    }
    let (header, _) = export_in(&month, BillForm::Cur2);
    assert_eq!(header, CUR_COLUMNS);
    // The counts of AWS' dictionaries: 1.0 has 43 columns of FOCUS and 5 of AWS, 1.2 has 57 and 3.
    let counts = [BillForm::Focus10, BillForm::Focus12].map(|form| export_in(&month, form).0.len());
    assert_eq!(counts, [48, 60]);
}

#[test]
fn focus_rows_of_the_marketplace_have_a_publisher_and_no_service() {
    let month = month();
    for form in [BillForm::Focus10, BillForm::Focus12] {
        let of = |name| column(form, &month, &[name]);
        let services = of("ServiceName").into_iter().zip(of("x_ServiceCode"));
        let money = of("ListCost").into_iter().zip(of("x_Operation"));
        let mut sold = 0;
        for (((publisher, (name, code)), (list, operation)), region) in
            of("PublisherName").iter().zip(services).zip(money).zip(of("RegionId"))
        {
            let marketplace = publisher == "Anthropic";
            sold += usize::from(marketplace);
            assert_eq!(name.is_empty() && code.is_empty(), marketplace);
            assert_eq!(list == "0", marketplace);
            assert_eq!(region == "NULL", marketplace);
            assert!(!marketplace || operation.starts_with("InvokeModel"), "{operation}");
        }
        assert!(sold > 0, "no rows of the Marketplace");
    }
}

#[test]
fn text_is_quoted_where_it_must_be() {
    let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
    let text = csv_text(&row(["a", "b", "c"]), &[row(["1", r#"{"k":"v"}"#, "x,y"]), row(["", "", ""])]);
    assert_eq!(text, "a,b,c\n1,\"{\"\"k\"\":\"\"v\"\"}\",\"x,y\"\n,,\n");
}
