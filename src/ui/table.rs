//! Tables as kubectl prints them: a head in capitals, columns two blanks apart, no lines.
//!
//! Layout is comfy-table's. Colours are put in afterwards, so that they never count as width.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table as Layout};

use super::style::{Label, Screen};
use crate::object::display::display;

/// Rows of labelled cells. Every cell is made safe to print when it is added.
#[derive(Debug, Clone, Default)]
pub struct Table {
    head: Vec<String>,
    rows: Vec<Vec<(Label, String)>>,
}

impl Table {
    pub fn new(head: &[&str]) -> Self {
        Self {
            head: head.iter().map(|&name| name.to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    pub fn row(&mut self, cells: Vec<(Label, String)>) {
        debug_assert_eq!(cells.len(), self.head.len(), "one cell a column");
        let safe = |(label, text): (Label, String)| (label, display(&text).into_owned());
        self.rows.push(cells.into_iter().map(safe).collect());
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as lines. The last column is cut where it would leave the screen; no other column ever is.
    pub fn render(&self, screen: &Screen) -> String {
        let mut rows = self.rows.clone();
        self.fit(&mut rows, screen.width);
        let head = self.head.iter().map(|name| (Label::Dim, name.clone()));
        let cells: Vec<Vec<(Label, String)>> =
            std::iter::once(head.collect()).chain(rows).collect();
        let mut text = String::new();
        for (line, cells) in layout(&cells).lines().zip(&cells) {
            text.push_str(&painted(&line, cells, screen));
            text.push('\n');
        }
        text
    }

    fn fit(&self, rows: &mut [Vec<(Label, String)>], width: usize) {
        let Some(last) = self.head.len().checked_sub(1) else {
            return;
        };
        if width == 0 {
            return;
        }
        let head = self.head.iter().map(|name| (Label::Plain, name.clone()));
        let mut cells = vec![head.collect::<Vec<_>>()];
        cells.extend_from_slice(rows);
        let widths = layout(&cells).column_max_content_widths();
        let taken: usize = widths.iter().take(last).map(|&w| usize::from(w) + 2).sum();
        // A column of a few characters says nothing: then the terminal may break the line instead.
        let room = width
            .saturating_sub(taken)
            .max(self.head[last].len())
            .max(12);
        for cell in rows.iter_mut().filter_map(|row| row.get_mut(last)) {
            cell.1 = cut(&cell.1, room);
        }
    }
}

/// At most `room` characters, with an ellipsis where something was left out.
pub fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(room.saturating_sub(1)).collect();
    short.push('…');
    short
}

fn layout(cells: &[Vec<(Label, String)>]) -> Layout {
    let mut layout = Layout::new();
    layout.load_style(NOTHING);
    layout.set_content_arrangement(ContentArrangement::Disabled);
    for row in cells {
        layout.add_row(row.iter().map(|(_, text)| text.as_str()));
    }
    for column in layout.column_iter_mut() {
        column.set_padding((0, 2));
    }
    layout
}

/// Puts the colours of `cells` into their laid-out line.
fn painted(line: &str, cells: &[(Label, String)], screen: &Screen) -> String {
    let line = line.trim_end();
    if !screen.color {
        return line.to_owned();
    }
    let mut rest = line;
    let mut text = String::with_capacity(line.len() + 16 * cells.len());
    for (label, cell) in cells {
        let cell = cell.trim_end();
        if cell.is_empty() {
            continue;
        }
        let Some(at) = rest.find(cell) else {
            break;
        };
        text.push_str(&rest[..at]);
        text.push_str(&screen.paint(*label, cell));
        rest = &rest[at + cell.len()..];
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn table() -> Table {
        let mut table = Table::new(&["NAME", "STATUS", "MESSAGE"]);
        let cell = |label, text: &str| (label, text.to_owned());
        table.row(vec![
            cell(Label::Plain, "web"),
            cell(Label::Good, "Healthy"),
            cell(Label::Plain, ""),
        ]);
        table.row(vec![
            cell(Label::Plain, "東京"),
            cell(Label::Bad, "Degraded"),
            cell(Label::Plain, "a very long message about a container"),
        ]);
        table
    }

    #[test]
    fn columns_are_two_blanks_apart_and_rows_end_without_blanks() {
        let text = table().render(&Screen::plain(Timestamp::UNIX_EPOCH));
        assert_eq!(
            text,
            "NAME  STATUS    MESSAGE\n\
             web   Healthy\n\
             東京  Degraded  a very long message about a container\n"
        );
    }

    #[test]
    fn the_last_column_is_cut_at_the_width() {
        let mut screen = Screen::plain(Timestamp::UNIX_EPOCH);
        screen.width = 30;
        let text = table().render(&screen);
        assert!(text.ends_with("東京  Degraded  a very long m…\n"), "{text}");
    }

    #[test]
    fn colours_do_not_move_columns() {
        let mut screen = Screen::plain(Timestamp::UNIX_EPOCH);
        let plain = table().render(&screen);
        screen.color = true;
        let colored = table().render(&screen);
        let stripped = ["1", "2", "31", "32", "33", "0"]
            .iter()
            .fold(colored.clone(), |text, code| {
                text.replace(&format!("\u{1b}[{code}m"), "")
            });
        assert_eq!(stripped, plain);
        assert!(colored.contains("\u{1b}[31mDegraded\u{1b}[0m"));
    }

    #[test]
    fn cells_with_line_ends_stay_on_one_line() {
        let mut table = Table::new(&["NAME"]);
        table.row(vec![(Label::Plain, "a\nb\u{1b}[2J".to_owned())]);
        let text = table.render(&Screen::plain(Timestamp::UNIX_EPOCH));
        assert_eq!(text, "NAME\na\\nb\\x1b[2J\n");
    }
}
