//! Markdown tables.

/// A table with a header; cells may hold anything but line breaks.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &mut dyn Iterator<Item = String>| format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "));
    let mut text = line(&mut header.iter().map(|cell| cell_text(cell)));
    text.push_str(&format!("|{}\n", "---|".repeat(header.len())));
    for row in rows {
        text.push_str(&line(&mut row.iter().map(|cell| cell_text(cell))));
    }
    text
}

fn cell_text(cell: &str) -> String {
    cell.replace('|', "\\|").replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_in_a_cell_does_not_end_it() {
        let rows = [vec!["1".to_owned(), "a|b".to_owned()]];
        assert_eq!(table(&["n", "what"], &rows), "| n | what |\n|---|---|\n| 1 | a\\|b |\n");
    }
}
