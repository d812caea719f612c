//! Text in XML. Comes in: any text from outside; goes out: text that shows what hides and is well
//! formed in an element and in an attribute. It never lets a character through that XML forbids.

use daicho_graph::text::visible;

/// The text, visible and escaped; lines stay apart.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            out.push_str("&#10;");
        }
        for c in visible(line).chars() {
            match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                '\'' => out.push_str("&#39;"),
                c => out.push(c),
            }
        }
    }
    out
}

/// The first line of a text, as a name.
pub(crate) fn name(text: &str) -> String {
    let first = text.split('\n').next().unwrap_or_default();
    escape(&first.chars().take(200).collect::<String>())
}
