//! The first page of a bundle: what it holds, how to check it, what it does not prove. Comes in: the
//! manifest; goes out: text. It names no machine.

use std::fmt::Write as _;

use daicho_evidence::{Form, Manifest};
use daicho_ledger::{Lang, Ledger, text};

pub(super) fn text(manifest: &Manifest, ledger: &Ledger, lacking: &[&str]) -> String {
    let offset = ledger.site.utc_offset_s;
    let day = |at| text::date(at, offset, Lang::Ja);
    let period = manifest.period.map_or("なし".to_owned(), |(first, last)| {
        format!(
            "{} ～ {}",
            text::moment(first, offset),
            text::moment(last, offset)
        )
    });
    let name = |name: &str| {
        if name.is_empty() {
            "未入力".to_owned()
        } else {
            text::visible(name)
        }
    };
    let form = match manifest.form {
        Form::Inside => "院内保管用（すべての値を含む）",
        Form::Present => "提示用（アドレス・MACアドレス・製造番号を伏せたもの）",
    };
    let mut out = String::from("\u{feff}取扱注意\r\n\r\n情報機器台帳の証跡（Daicho）\r\n");
    let mut line = |label: &str, value: &str| {
        // Writing into a text cannot fail.
        let _ = write!(out, "{label}：{value}\r\n");
    };
    if manifest.simulated {
        line("注意", "模擬データです（実在の病院ではありません）");
    }
    line("病院名", &name(&manifest.hospital));
    line("種類", form);
    line("時点", &day(manifest.as_of));
    line("データの期間（受信）", &period);
    line("作成日", &day(manifest.made_at));
    line("作成者", &name(&manifest.by));
    line("承認者", &name(&manifest.approver));
    line("版", &manifest.version);
    if let Some(original) = &manifest.original {
        line(
            "院内保管用の根のハッシュ",
            &daicho_evidence::printable(original),
        );
    }
    for (what, count) in &manifest.masked {
        line("伏せた値", &format!("{what} {count} 種類"));
    }
    let coverage = &ledger.coverage;
    line(
        "取得範囲",
        &format!(
            "エージェントのある機器 {}、通信のみ観測した機器 {}、観測したアドレス {}",
            coverage.with_agent, coverage.seen_only, coverage.addresses
        ),
    );
    for what in lacking {
        line("含まれないもの", what);
    }
    out.push_str(HOW);
    out
}

const HOW: &str = "\r\n確かめ方\r\n\
  daicho-verify このファイル.zip --key 公開鍵のファイル\r\n\
  daicho-verify このファイル.zip --root 紙に控えた根のハッシュ\r\n\
  どのファイルが変えられたかを名前で示します。鍵も紙もないときは「発行者は未確認」になります。\r\n\r\n\
この証跡が示すこと\r\n\
  ・作った後にどのファイルも変えられていないこと\r\n\
  ・収集サーバの改ざん検知の記録に、この書き出しが残っていること（proof.json）\r\n\
示さないこと\r\n\
  ・値そのものが正しいこと（各一覧の出典・日時と「未取得項目」を見てください）\r\n\
  ・エージェントのない機器のすべて（取得範囲を見てください）\r\n\
  ・作成日時（収集サーバの時計によります）\r\n\r\n\
How to check (English): run daicho-verify on the bundle with --key or --root. It shows that no file was\r\n\
changed since the bundle was made and that the export stands in the collector's log; it does not show that\r\n\
the values themselves are right, nor that every device is covered.\r\n";
