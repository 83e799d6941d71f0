//! Tables: for Markdown, and for a terminal.

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

/// Rows with their columns under each other, for a terminal: the first columns, as many as `text`, to the left, numbers
/// to the right. Rows may be shorter than the first.
pub(crate) fn aligned(rows: &[impl AsRef<[String]>], text: usize) -> Vec<String> {
    let rows: Vec<&[String]> = rows.iter().map(AsRef::as_ref).collect();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let cell = |(column, cell): (usize, &String)| {
        let width = width(column).unwrap_or_default();
        if column < text { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
    };
    let line = |row: &&[String]| row.iter().enumerate().map(cell).collect::<Vec<_>>().join("  ").trim_end().to_owned();
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_in_a_cell_does_not_end_it() {
        let rows = [vec!["1".to_owned(), "a|b".to_owned()]];
        assert_eq!(table(&["n", "what"], &rows), "| n | what |\n|---|---|\n| 1 | a\\|b |\n");
    }

    #[test]
    fn text_stands_to_the_left_and_numbers_to_the_right() {
        let rows = [["a", "n"], ["word", "10"], ["b", ""]].map(|row| row.map(str::to_owned));
        assert_eq!(aligned(&rows, 1), ["a      n", "word  10", "b"]);
    }
}
