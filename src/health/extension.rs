//! What extends the API: CRDs and APIServices.

use super::Health;
use super::view::View;

pub fn api_service(view: &View<'_>) -> Health {
    match view.condition("Available") {
        Some(available) if available.is_true() => Health::healthy(),
        Some(available) => Health::progressing(available.why()),
        None => Health::progressing("waits to be available"),
    }
}

/// The conditions are judged in the order they stand in.
pub fn definition(view: &View<'_>) -> Health {
    let mut is_established = false;
    let mut why = "is not established";
    let mut is_installing = false;
    if view.list("/status/conditions").is_empty() {
        return Health::progressing("has no conditions yet");
    }
    for condition in view.conditions() {
        match (condition.kind, condition.status) {
            ("Terminating", "True") => return Health::progressing("is being deleted"),
            ("NamesAccepted", "False") => {
                return Health::degraded(format!(
                    "its names are not accepted: {}",
                    condition.message
                ));
            }
            ("NonStructuralSchema", "True") => {
                return Health::degraded(format!(
                    "its schema is not structural: {}",
                    condition.message
                ));
            }
            ("Established", "True") => is_established = true,
            ("Established", _) => {
                is_installing = condition.reason == "Installing";
                why = condition.why();
            }
            _ => {}
        }
    }
    if is_established {
        Health::healthy()
    } else if is_installing {
        Health::progressing(why)
    } else {
        Health::degraded(why)
    }
}
