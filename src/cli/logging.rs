//! `-v` and `-vv`: what the request layer tells, on stderr.
//!
//! Only our own targets are shown. The libraries below log whole bodies and headers at their lower levels, and those hold secrets;
//! no setting turns them on.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub(crate) fn init(verbose: u8, colors: bool) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(colors)
        .with_target(false);
    // A second call, as from a test, keeps the first subscriber.
    let _ = tracing_subscriber::registry()
        .with(lines)
        .with(Targets::new().with_target("pushboat", level))
        .try_init();
}
