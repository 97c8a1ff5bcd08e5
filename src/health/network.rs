//! Services and Ingresses.

use super::Health;
use super::view::View;

fn has_address(view: &View<'_>) -> bool {
    !view.list("/status/loadBalancer/ingress").is_empty()
}

pub fn service(view: &View<'_>) -> Health {
    if view.text("/spec/type") == "LoadBalancer" && !has_address(view) {
        return Health::progressing("waits for a load balancer address");
    }
    Health::healthy()
}

/// On a controller that publishes no status this stays Progressing for ever, as in Argo CD.
pub fn ingress(view: &View<'_>) -> Health {
    if has_address(view) {
        Health::healthy()
    } else {
        Health::progressing("waits for an address")
    }
}
