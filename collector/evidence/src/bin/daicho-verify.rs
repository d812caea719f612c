//! `daicho-verify`: checks a bundle where there is no collector. It reads the files that it is given,
//! prints a verdict, and changes nothing.

use std::process::ExitCode;

use daicho_evidence::{Expected, verify};

const USAGE: &str = "\
daicho-verify F.zip [--key FILE] [--root XXXX-XXXX-…]

証跡（エビデンス）のファイルが、作られたときのままかを調べます。ネットワークは使わず、何も書き込みません。
Checks that an evidence bundle is as it was made. Uses no network and writes nothing.

  --key FILE   収集サーバの公開鍵（evidence key が書き出すもの） / the collector's public key
  --root R     紙に印刷された根のハッシュ / the root as printed on paper

終了コード / exit codes: 0 改ざんなし・発行者を確認 whole, issuer known　3 改ざんなし・発行者は未確認 whole, issuer unknown
  5 改ざんあり changed　4 証跡ではない no bundle　2 使い方の誤り usage";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok((text, code)) => {
            println!("{text}");
            ExitCode::from(code)
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run(mut words: impl Iterator<Item = String>) -> Result<(String, u8), String> {
    let (mut file, mut expected) = (None, Expected::default());
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word}: ?\n\n{USAGE}"));
        match word.as_str() {
            "--key" => {
                let path = value()?;
                let text = std::fs::read_to_string(&path).map_err(|it| format!("{path}: {it}"))?;
                let key = daicho_evidence::text::key(&text);
                expected.key = Some(
                    key.ok_or_else(|| format!("{path}: 公開鍵ではありません / no public key"))?,
                );
            }
            "--root" => {
                let text = value()?;
                let root = daicho_evidence::manifest::from_paper(&text);
                expected.root =
                    Some(root.ok_or_else(|| format!("{text}: 16進64桁 / 64 hexadecimal digits"))?);
            }
            "--help" | "-h" => return Ok((USAGE.to_owned(), 0)),
            _ if file.is_none() && !word.starts_with('-') => file = Some(word),
            _ => return Err(format!("{word}: ?\n\n{USAGE}")),
        }
    }
    let path = file.ok_or_else(|| USAGE.to_owned())?;
    let bytes = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
    Ok(daicho_evidence::text::told(&verify(&bytes, &expected)))
}
