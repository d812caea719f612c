//! What changed lately, on the first-response sheet. Comes in: the differences; goes out: blocks. It says
//! what a comparison of two moments cannot know.

use daicho_ledger::text::moment;
use daicho_render::paper::{Block, Cell};

use super::Lately;
use super::content::{Content, LANG, table, text};

/// Most changes on the paper.
const CHANGES: usize = 60;

impl Content<'_> {
    pub(super) fn lately(&self) -> Vec<Block> {
        let Lately {
            since,
            days,
            changes,
        } = &self.occasion.changes;
        let title = format!("5 この{days}日間の変化（被害機器と外部接続点）");
        let mut blocks = vec![Block::Heading(title)];
        let offset = self.basis.ledger.site.utc_offset_s;
        let Some(since) = since else {
            blocks.push(text(
                "比べる時点のデータがありません（その時点までに受信した報告がない）。変化がなかったという意味ではありません。",
            ));
            return blocks;
        };
        blocks.push(Block::Text(format!(
            "{} と比べた違いです。報告は標本であり、その間に起きて元に戻ったことは分かりません。取得できなかった項目は変化に数えません。",
            moment(*since, offset)
        )));
        if changes.is_empty() {
            blocks.push(text("違いは見つかりませんでした。"));
            return blocks;
        }
        let row = |it: &crate::diff::Change| {
            vec![
                Cell::of(it.list.title(LANG)),
                Cell::of(it.what.title(LANG)),
                Cell::of(it.name.clone()),
                Cell::of(it.column.map_or("", |it| it.title(LANG))),
                Cell::of(it.before.clone()),
                Cell::of(it.after.clone()),
            ]
        };
        let rows = changes.iter().take(CHANGES).map(row).collect();
        let head = [
            ("一覧", 3),
            ("変化", 2),
            ("対象", 4),
            ("項目", 3),
            ("前", 5),
            ("後", 5),
        ];
        blocks.push(table(&head, rows));
        let left = changes.len().saturating_sub(CHANGES);
        if left > 0 {
            blocks.push(Block::Text(format!(
                "ほか {left} 件（全件は diff --from … --to … --out 差分.xlsx）"
            )));
        }
        blocks
    }
}
