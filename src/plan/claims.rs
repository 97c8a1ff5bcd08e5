//! Which app of a repository wants which object of one server, and what nobody could find out.
//!
//! An object that another app wants, or may want, is not surplus: no app prunes it. What apps want is gathered by the commands; here it
//! is put together and asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use crate::object::Key;

/// An app, as claims name it. Two cluster folders may stand for one server, so the name alone is not enough.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claimant {
    pub cluster: String,
    pub app: String,
}

impl Claimant {
    pub fn new(cluster: &str, app: &str) -> Self {
        Self {
            cluster: cluster.to_owned(),
            app: app.to_owned(),
        }
    }

    /// The name as a report about `asking` has it: with the cluster only where that is another one.
    pub fn named_for(&self, asking: &Self) -> String {
        if self.cluster == asking.cluster {
            self.app.clone()
        } else {
            self.to_string()
        }
    }
}

impl fmt::Display for Claimant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.cluster, self.app)
    }
}

/// What a declaration that could not be read may want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Any object of the server.
    Server,
    /// Objects of these namespaces, and objects of no namespace.
    Namespaces(BTreeSet<String>),
}

impl Reach {
    pub fn covers(&self, key: &Key) -> bool {
        match self {
            Self::Server => true,
            Self::Namespaces(namespaces) => {
                key.namespace.is_empty() || namespaces.contains(&key.namespace)
            }
        }
    }
}

/// A declaration that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The app, where the declaration is one: it may always prune its own objects as far as its own errors allow.
    pub app: Option<Arc<Claimant>>,
    pub reach: Reach,
    /// What it is and why it could not be read.
    pub why: String,
}

/// Whether an app wants an object.
#[derive(Debug, Clone)]
struct Wish {
    app: Arc<Claimant>,
    /// Why it may be another server that the app goes to, where that is not known.
    doubt: Option<Arc<str>>,
}

/// Who else wants an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// No other app of the repository does.
    Nobody,
    Wanted {
        by: Arc<Claimant>,
    },
    /// Nobody could find out.
    Perhaps {
        why: String,
    },
}

/// An app of the repository as the owner of a set of objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub app: Arc<Claimant>,
    /// Why objects of its set may not be taken over, although the app is not known to want them.
    pub blocked: Option<String>,
}

/// What the apps of a repository want on one server.
#[derive(Debug, Default)]
pub struct Claims {
    wanted: HashMap<Key, Vec<Wish>>,
    unread: Vec<Unread>,
    /// By the id of the ApplySet.
    holders: BTreeMap<String, Holder>,
}

impl Claims {
    /// Adds what an app of this server wants.
    pub fn add(&mut self, app: &Arc<Claimant>, keys: impl IntoIterator<Item = Key>) {
        self.insert(app, keys, None);
    }

    /// Adds what an app wants that may go to this server or to another one.
    pub fn add_doubtful(
        &mut self,
        app: &Arc<Claimant>,
        keys: impl IntoIterator<Item = Key>,
        why: &str,
    ) {
        self.insert(app, keys, Some(why.into()));
    }

    fn insert(
        &mut self,
        app: &Arc<Claimant>,
        keys: impl IntoIterator<Item = Key>,
        doubt: Option<Arc<str>>,
    ) {
        for key in keys {
            let wishes = self
                .wanted
                .entry(key)
                .or_insert_with(|| Vec::with_capacity(1));
            wishes.push(Wish {
                app: Arc::clone(app),
                doubt: doubt.clone(),
            });
        }
    }

    pub fn add_unread(&mut self, unread: Unread) {
        self.unread.push(unread);
    }

    pub fn add_holder(&mut self, set: String, holder: Holder) {
        self.holders.insert(set, holder);
    }

    /// Who but `asking` wants the object.
    pub fn verdict(&self, key: &Key, asking: &Claimant) -> Verdict {
        if let Some(by) = self.sharer(key, asking) {
            return Verdict::Wanted { by: Arc::clone(by) };
        }
        let wishes = self.wanted.get(key).into_iter().flatten();
        let mut doubtful = wishes.filter(|wish| *wish.app != *asking);
        if let Some(wish) = doubtful.next() {
            let why = wish.doubt.as_deref().unwrap_or_default();
            return Verdict::Perhaps {
                why: format!("app `{}` wants it, and {why}", wish.app),
            };
        }
        let mut unread = self.unread.iter();
        match unread
            .find(|unread| unread.app.as_deref() != Some(asking) && unread.reach.covers(key))
        {
            Some(unread) => Verdict::Perhaps {
                why: unread.why.clone(),
            },
            None => Verdict::Nobody,
        }
    }

    /// Another app that is known to want the object on this very server.
    pub fn sharer(&self, key: &Key, asking: &Claimant) -> Option<&Arc<Claimant>> {
        let mut wishes = self.wanted.get(key)?.iter();
        let other = wishes.find(|wish| wish.doubt.is_none() && *wish.app != *asking)?;
        Some(&other.app)
    }

    /// The app that keeps the set as its own, where it is one of this repository on this server.
    pub fn holder(&self, set: &str) -> Option<&Holder> {
        self.holders.get(set)
    }

    /// Whether `asking` may take an object over that belongs to another set. From an app of the same repository that does not want it
    /// any more it may: so objects move.
    pub fn taking(&self, key: &Key, set: &str, asking: &Claimant) -> Taking {
        let Some(holder) = self.holder(set) else {
            return Taking::Foreign;
        };
        let wants_it = || self.sharer(key, asking).map(|_| "which wants it");
        match holder.blocked.as_deref().or_else(wants_it) {
            _ if *holder.app == *asking => Taking::Free,
            None => Taking::Free,
            Some(why) => Taking::Held {
                app: holder.app.named_for(asking),
                why: why.to_owned(),
            },
        }
    }
}

/// Whether an object of another set may be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taking {
    Free,
    /// It belongs to this app of the repository.
    Held {
        app: String,
        why: String,
    },
    /// It belongs to another repository or tool.
    Foreign,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        let (namespace, name) = text.split_once('/').unwrap();
        Key {
            group: String::new(),
            kind: "ConfigMap".to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }

    fn app(cluster: &str, name: &str) -> Arc<Claimant> {
        Arc::new(Claimant::new(cluster, name))
    }

    fn unread(by: &Arc<Claimant>, reach: Reach) -> Unread {
        Unread {
            app: Some(Arc::clone(by)),
            reach,
            why: format!("app `{by}` cannot be read"),
        }
    }

    /// What another app wants, or may want, as a reader of the answer has it.
    fn check(claims: &Claims, asking: &Claimant, object: &str, expected: &str) {
        let text = match claims.verdict(&key(object), asking) {
            Verdict::Nobody => String::new(),
            Verdict::Wanted { by } => by.named_for(asking),
            Verdict::Perhaps { why } => why,
        };
        assert_eq!(text, expected, "{object}");
    }

    #[test]
    fn an_app_has_no_claim_against_itself_and_another_folder_shows_its_name() {
        let (one, other, two) = (app("one", "a"), app("one", "b"), app("two", "a"));
        let mut claims = Claims::default();
        claims.add(&one, [key("shop/x"), key("shop/own")]);
        claims.add(&other, [key("shop/x")]);
        claims.add(&two, [key("shop/y")]);
        check(&claims, &one, "shop/own", "");
        check(&claims, &one, "shop/x", "b");
        check(&claims, &other, "shop/x", "a");
        check(&claims, &one, "shop/y", "two/a");
        check(&claims, &two, "shop/y", "");
    }

    #[test]
    fn what_cannot_be_read_may_want_what_lies_in_its_reach() {
        let (one, other) = (app("one", "a"), app("one", "b"));
        let mut claims = Claims::default();
        let namespaces = Reach::Namespaces(BTreeSet::from(["shop".to_owned()]));
        claims.add_unread(unread(&other, namespaces));
        check(&claims, &one, "shop/x", "app `one/b` cannot be read");
        check(
            &claims,
            &one,
            "/cluster-scoped",
            "app `one/b` cannot be read",
        );
        check(&claims, &one, "elsewhere/x", "");
        check(&claims, &other, "shop/x", "");
        claims.add_unread(unread(&other, Reach::Server));
        check(&claims, &one, "elsewhere/x", "app `one/b` cannot be read");
    }

    #[test]
    fn a_claim_that_may_be_for_another_server_keeps_but_shares_nothing() {
        let (one, two) = (app("one", "a"), app("two", "b"));
        let mut claims = Claims::default();
        claims.add_doubtful(&two, [key("shop/x")], "`two` may be the same server");
        let expected = "app `two/b` wants it, and `two` may be the same server";
        check(&claims, &one, "shop/x", expected);
        assert_eq!(claims.sharer(&key("shop/x"), &one), None);
        claims.add(&app("one", "c"), [key("shop/x")]);
        check(&claims, &one, "shop/x", "c");
    }
}
