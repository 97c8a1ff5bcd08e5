//! Volume claims.

use super::Health;
use super::view::View;

/// A claim of a class with `WaitForFirstConsumer` stays Progressing until a Pod uses it, as in Argo CD.
pub fn claim(view: &View<'_>) -> Health {
    match view.text("/status/phase") {
        "Bound" => Health::healthy(),
        "Pending" => Health::progressing("waits to be bound"),
        "Lost" => Health::degraded("its volume is lost"),
        other => Health::unknown(format!("unknown phase `{other}`")),
    }
}
