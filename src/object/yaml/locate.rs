//! Where a field stands: from a JSON pointer to a line and a column.

use super::{Node, NodeKind};
use crate::error::Location;

impl Node {
    /// The node a JSON pointer (`/spec/containers/0/image`) leads to.
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        match self.follow(pointer) {
            (node, true) => Some(node),
            (_, false) => None,
        }
    }

    /// The place a JSON pointer leads to, or of the nearest node on the way that exists.
    pub fn locate(&self, pointer: &str, file: &str) -> Location {
        let (node, _) = self.follow(pointer);
        Location {
            file: file.to_owned(),
            line: node.line,
            column: node.column,
        }
    }

    /// Walks as far as the pointer leads, and says whether that was its end.
    fn follow(&self, pointer: &str) -> (&Self, bool) {
        let mut node = self;
        for step in pointer.split('/').skip(1) {
            let step = step.replace("~1", "/").replace("~0", "~");
            let next = match &node.kind {
                NodeKind::Mapping(_) => node.get(&step),
                NodeKind::Sequence(items) => step.parse().ok().and_then(|n: usize| items.get(n)),
                NodeKind::Scalar(_) => None,
            };
            match next {
                Some(next) => node = next,
                None => return (node, false),
            }
        }
        (node, true)
    }
}
