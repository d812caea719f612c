//! What of a diagram is drawn, and of which moments. Comes in: options; goes out: the geometry of a
//! picture, or places of a neutral model, for which no store is opened.

use std::path::PathBuf;

use anyhow::Context;
use daicho_graph::Geometry;
use daicho_graph::layout::{Paper, Subject, measured};

use super::Shared;
use super::open::{Moment, Opened};
use super::say::say_error;
use crate::bounded;
use crate::out;
use crate::picture::{Picture, Wanted};

/// Most bytes of a model.
const MODEL_BYTES_MAX: u64 = 64 * 1024 * 1024;

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum View {
    /// ネットワーク構成図 / network diagram
    Network,
    /// システム構成図 / system diagram
    System,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Size {
    A3,
    A4,
}

/// What is drawn.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct What {
    /// 図の種類 / which diagram
    #[arg(long, value_enum, default_value = "network")]
    view: View,
    /// 用紙（横向き） / paper, lying
    #[arg(long, value_enum, default_value = "a3")]
    paper: Size,
    /// この時点との差分を示す（＋追加 ×削除 △変更） / show what changed since then
    #[arg(long, value_name = "T")]
    diff_from: Option<String>,
    /// 院内で観測した通信を矢印で重ね、一覧のページを付ける / draw flows seen inside over it, with a list
    #[arg(long)]
    flows: bool,
    /// 作成者（表題欄） / author, in the title block
    #[arg(long, value_name = "NAME", default_value = "")]
    author: String,
    /// 承認者（表題欄） / who approved it, in the title block
    #[arg(long, value_name = "NAME", default_value = "")]
    approver: String,
    /// 版（表題欄。既定は時点の日付） / revision, in the title block (by default the day shown)
    #[arg(long, value_name = "TEXT", default_value = "")]
    revision: String,
}

impl What {
    /// The geometry of a picture; for a difference, with the picture of the earlier moment.
    pub(super) fn geometry(
        &self,
        opened: &Opened,
        picture: &Picture,
        shared: &Shared,
    ) -> anyhow::Result<Geometry> {
        if self.flows && matches!(self.view, View::System) {
            say_error(shared.lang.pick(
                "注意：システム構成図には、通信が初めから描かれています（--flows はネットワーク構成図だけで働きます）。",
                "note: the system diagram shows flows already; --flows is for the network diagram",
            ));
        }
        let earlier = self.diff_from.clone().map(Moment::at);
        let earlier = earlier.map(|moment| opened.picture(&moment)).transpose()?;
        let view = match self.view {
            View::Network => Subject::Network,
            View::System => Subject::System,
        };
        let paper = match self.paper {
            Size::A3 => Paper::A3,
            Size::A4 => Paper::A4,
        };
        Ok(picture.drawn(&Wanted {
            lang: shared.lang.into(),
            view,
            paper,
            since: earlier.as_ref(),
            flows: self.flows,
            author: self.author.clone(),
            approver: self.approver.clone(),
            revision: self.revision.clone(),
        }))
    }
}

/// A model of the layout bench, for comparing engines.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Model {
    /// 台帳を使わず、このモデルを配置する（比較測定用） / place this model, without a ledger (to compare)
    #[arg(long, value_name = "F.json", requires = "geometry", conflicts_with_all = ["out", "diff_from"])]
    model: Option<PathBuf>,
    /// モデルの配置を書き出すファイル / file for the places of the model
    #[arg(long, value_name = "G.json", requires = "model")]
    geometry: Option<PathBuf>,
}

impl Model {
    /// Whether one was given.
    pub(super) fn given(&self) -> bool {
        self.model.is_some()
    }

    /// Places the model, if one was given.
    pub(super) fn place(&self) -> anyhow::Result<()> {
        let (Some(model), Some(geometry)) = (&self.model, &self.geometry) else {
            return Ok(());
        };
        let bytes = bounded::read(model, MODEL_BYTES_MAX)
            .with_context(|| format!("read `{}`", model.display()))?;
        let text =
            String::from_utf8(bytes).with_context(|| format!("read `{}`", model.display()))?;
        let places =
            measured(&text).with_context(|| format!("place the model `{}`", model.display()))?;
        out::write(geometry, places.as_bytes())?;
        Ok(())
    }
}
