//! `pushboat render`: what `kustomize build` prints, from the native renderer.

use std::path::{Component, Path, PathBuf};

use clap::ValueEnum;

use super::context::Context;
use crate::error::{Error, Location, Result};
use crate::exit::Exit;
use crate::render::kustomize::{self, BuildOptions, Built, LoadRestrictor, Reorder};
use crate::repo::worktree::WorkTree;
use crate::report::Format;

/// Render a kustomize overlay
///
/// Prints what `kustomize build` prints, byte for byte, without any kustomize on the machine. Files are read below the repository
/// the path stands in, and nowhere else; outside any repository the load restrictor alone says what may be read, as in kustomize.
#[derive(Debug, clap::Args)]
#[command(after_help = super::help::RENDER)]
pub(crate) struct Args {
    /// The folder with the kustomization file, or such a folder of another repository: `https://HOST/REPO//FOLDER?ref=COMMIT`
    #[arg(default_value = ".")]
    path: PathBuf,

    /// Which files a kustomization may read
    #[arg(long, value_enum, default_value_t = Restrictor::RootOnly, value_name = "WHICH")]
    load_restrictor: Restrictor,

    /// In which order objects come; default: what the kustomization says, else legacy
    #[arg(long, value_enum, value_name = "ORDER")]
    reorder: Option<Order>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Restrictor {
    /// Files in or below the folder of the kustomization that names them
    #[value(alias = "LoadRestrictionsRootOnly")]
    RootOnly,
    /// Any file of the repository
    #[value(alias = "LoadRestrictionsNone")]
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Order {
    /// As accumulated
    None,
    /// Namespaces and definitions first, webhooks last
    Legacy,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit> {
    let foreign = context.foreign()?;
    let charts = context.charts();
    let options = BuildOptions {
        load_restrictor: match args.load_restrictor {
            Restrictor::RootOnly => LoadRestrictor::RootOnly,
            Restrictor::None => LoadRestrictor::None,
        },
        reorder: match args.reorder {
            None => Reorder::Unspecified,
            Some(Order::None) => Reorder::None,
            Some(Order::Legacy) => Reorder::Legacy,
        },
        foreign: Some(&*foreign),
        charts: charts.as_deref(),
        ..BuildOptions::default()
    };
    let built = build(context, &args.path, &options)?;
    let dropped = built.dropped.iter().map(Error::to_string);
    for warning in built.warnings.iter().cloned().chain(dropped) {
        context.ui().warn(&warning);
    }
    context.ui().data(&written(&built, context.format())?);
    Ok(Exit::Ok)
}

/// What other programs take: a YAML stream, a `List` as kubectl has it in JSON, or names.
fn written(built: &Built, format: Format) -> Result<String> {
    match format {
        Format::Text | Format::Wide | Format::Yaml => Ok(built.to_yaml()),
        Format::Json => {
            let items: Vec<_> = built.objects.iter().map(|object| &object.value).collect();
            let list = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": items});
            let text = serde_json::to_string_pretty(&list);
            text.map(|text| text + "\n")
                .map_err(|error| Error::internal(error.to_string()))
        }
        Format::Name => {
            let names = built
                .objects
                .iter()
                .map(|object| format!("{}\n", object.key()));
            Ok(names.collect())
        }
    }
}

/// Builds a folder, or what an address names when no such folder is there.
fn build(context: &Context, path: &Path, options: &BuildOptions<'_>) -> Result<Built> {
    let entry = path.to_string_lossy();
    if kustomize::is_remote(&entry) && !context.directory().join(path).exists() {
        return kustomize::build_remote(&entry, options);
    }
    let (root, inside) = place(context, path)?;
    let built = kustomize::build(&WorkTree::open(&root)?, &inside, options);
    if root != Path::new("/") {
        return built;
    }
    let rewrite = |text: &str| absolute(text, &inside);
    let place = |at: &Location| Location {
        file: format!("/{}", at.file),
        ..at.clone()
    };
    built
        .map(|mut built| {
            built.warnings = built.warnings.iter().map(|text| rewrite(text)).collect();
            built
        })
        .map_err(|error| match error.location().map(place) {
            Some(place) => error.map_texts(rewrite).moved(place),
            None => error.map_texts(rewrite),
        })
}

/// A text with its paths below `/` written as such.
fn absolute(text: &str, folder: &str) -> String {
    let top = folder.split('/').next().unwrap_or_default();
    [" ", "`"].iter().fold(text.to_owned(), |text, before| {
        text.replace(&format!("{before}{top}/"), &format!("{before}/{top}/"))
    })
}

/// The root below which files may be read, and the path inside it. Outside any repository that is `/`: a folder renders the same from
/// wherever it is rendered, and what may be read is what the load restrictor says, as in kustomize.
fn place(context: &Context, path: &Path) -> Result<(PathBuf, String)> {
    let directory = context.directory().join(path);
    let full = std::fs::canonicalize(&directory)
        .map_err(|error| Error::render(format!("cannot open `{}`: {error}", path.display())))?;
    if !full.is_dir() {
        let message = format!("`{}` is not a folder", path.display());
        return Err(
            Error::render(message).hint("give the folder that holds the kustomization file")
        );
    }
    let root = match context.given_repo() {
        Some(repo) => crate::repo::layout::find_given(repo)?.root,
        None => match crate::repo::layout::find(&full) {
            Ok(layout) => layout.root,
            Err(_) => PathBuf::from("/"),
        },
    };
    let inside = full.strip_prefix(&root).map_err(|_| {
        Error::render(format!(
            "`{}` is not inside the repository `{}`",
            full.display(),
            root.display()
        ))
    })?;
    let parts = inside.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    Ok((root.clone(), parts.collect::<Vec<_>>().join("/")))
}
