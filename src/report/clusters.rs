//! Clusters and whether they answer: what `cluster list` and `cluster get` say.

use std::collections::BTreeMap;

use serde::Serialize;

use super::document::Report;
use super::error_view::ErrorView;
use super::labels;
use crate::exit::Exit;
use crate::object::display::display;
use crate::ui::{Label, Screen, Table};

#[derive(Debug, Clone, Serialize)]
pub struct ClusterList {
    pub clusters: Vec<ClusterRow>,
    /// Clusters that are one and the same, known by several names.
    pub warnings: Vec<String>,
}

/// Whether the cluster answered just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Connection {
    Connected,
    Failed,
    /// Nobody asked it.
    NotAsked,
}

impl Connection {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connected => "Connected",
            Self::Failed => "Failed",
            Self::NotAsked => "-",
        }
    }

    fn label(self) -> Label {
        match self {
            Self::Connected => Label::Good,
            Self::Failed => Label::Bad,
            Self::NotAsked => Label::Dim,
        }
    }
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterRow {
    pub name: String,
    pub server: String,
    /// The server's version; empty when it did not answer.
    pub version: String,
    pub status: Connection,
    pub error: Option<ErrorView>,
    pub latency_ms: Option<u64>,
    /// `exec`, `token`, `client certificate`, ….
    pub auth: String,
    /// When the token or certificate ends, RFC 3339; empty when it does not or is not known.
    pub expires: String,
    /// Apps that go there.
    #[serde(rename = "appCount")]
    pub n_apps: usize,
    /// Where the cluster is known from: a file of the repository, a kubeconfig context, a Secret.
    pub known_from: String,
    pub context: String,
    /// The Secret that it is reached by; empty where a kubeconfig's context does.
    pub secret: String,
    /// UID of `kube-system`, by which a cluster is known whatever it is called; empty when the server did not say.
    pub uid: String,
}

impl ClusterRow {
    fn cells(&self, wide: bool, screen: &Screen) -> Vec<(Label, String)> {
        let plain = |text: &str| (Label::Plain, text.to_owned());
        let message = self
            .error
            .as_ref()
            .map_or("", |error| error.message.as_str());
        let status = match &self.error {
            Some(error) => format!("{} ({})", self.status.as_str(), error.reason),
            None => self.status.as_str().to_owned(),
        };
        let mut cells = vec![
            (Label::Heading, self.name.clone()),
            plain(&self.server),
            plain(&self.version),
            (self.status.label(), status),
            plain(&self.n_apps.to_string()),
            plain(&self.known_from),
        ];
        if wide {
            let latency = self
                .latency_ms
                .map_or_else(String::new, |ms| format!("{ms}ms"));
            cells.extend([
                plain(&latency),
                plain(&self.auth),
                plain(&expiry(&self.expires, screen)),
                plain(if self.secret.is_empty() {
                    &self.context
                } else {
                    &self.secret
                }),
            ]);
        }
        cells.push(plain(message));
        cells
    }
}

/// `in 3d2h`, `12m ago (expired)`.
fn expiry(time: &str, screen: &Screen) -> String {
    match time.parse::<jiff::Timestamp>() {
        Ok(end) => match end.duration_since(screen.now).as_secs() {
            left @ 1.. => format!("in {}", labels::duration(left)),
            gone => format!("{} ago (expired)", labels::duration(-gone)),
        },
        Err(_) => time.to_owned(),
    }
}

impl ClusterList {
    /// Clusters come in order of their names.
    pub fn new(mut clusters: Vec<ClusterRow>) -> Self {
        clusters.sort_by(|a, b| a.name.cmp(&b.name));
        let warnings = same(&clusters);
        Self { clusters, warnings }
    }

    fn print(&self, wide: bool, screen: &Screen) -> String {
        let mut head = vec!["NAME", "SERVER", "VERSION", "STATUS", "APPS", "KNOWN FROM"];
        if wide {
            head.extend(["LATENCY", "AUTH", "EXPIRES", "REACHED BY"]);
        }
        head.push("MESSAGE");
        let mut table = Table::new(&head);
        for cluster in &self.clusters {
            table.row(cluster.cells(wide, screen));
        }
        table.render(screen)
    }
}

/// A sentence for each cluster that has several names.
fn same(clusters: &[ClusterRow]) -> Vec<String> {
    let mut by_uid: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for cluster in clusters.iter().filter(|cluster| !cluster.uid.is_empty()) {
        let name = format!("`{}`", display(&cluster.name));
        by_uid.entry(&cluster.uid).or_default().push(name);
    }
    let several = by_uid.into_iter().filter(|(_, names)| names.len() > 1);
    let sentence = |(uid, names): (&str, Vec<String>)| {
        format!(
            "{} are one cluster: the UID of their kube-system is `{}`",
            names.join(" and "),
            display(uid)
        )
    };
    several.map(sentence).collect()
}

impl Report for ClusterList {
    const KIND: &'static str = "ClusterList";

    fn text(&self, screen: &Screen) -> String {
        self.print(false, screen)
    }

    fn wide(&self, screen: &Screen) -> String {
        self.print(true, screen)
    }

    fn names(&self) -> Vec<String> {
        self.clusters
            .iter()
            .map(|cluster| cluster.name.clone())
            .collect()
    }

    /// A cluster that does not answer leaves the question open, however many others do.
    fn exit(&self) -> Exit {
        self.clusters.iter().map(exit).collect()
    }
}

fn exit(cluster: &ClusterRow) -> Exit {
    match (&cluster.error, cluster.status) {
        (Some(error), _) => error.exit,
        (None, Connection::Failed) => Exit::Unanswered,
        (None, Connection::Connected | Connection::NotAsked) => Exit::Ok,
    }
}

/// One cluster in full. Never a token, a key or a certificate.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterDetails {
    #[serde(flatten)]
    pub row: ClusterRow,
    pub labels: BTreeMap<String, String>,
    pub aliases: Vec<String>,
    pub proxy_url: String,
    pub tls_server_name: String,
    /// Certificate checks are switched off.
    pub insecure: bool,
    /// UID of `kube-system`: as recorded in the repository, and as the server says.
    pub recorded_uid: String,
    pub live_uid: String,
    /// Who the server says we are.
    pub user: String,
    pub rights: Vec<Right>,
    pub apps: Vec<String>,
}

/// Something pushboat needs to do, and whether it may.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Right {
    pub what: String,
    pub allowed: bool,
}

impl ClusterDetails {
    fn lines(&self, screen: &Screen) -> Vec<(&'static str, Label, String)> {
        let row = &self.row;
        let plain = |name, value: &str| (name, Label::Plain, value.to_owned());
        let pairs = |(key, value): (&String, &String)| format!("{key}={value}");
        let labels: Vec<String> = self.labels.iter().map(pairs).collect();
        let mut lines = vec![
            ("Name", Label::Heading, row.name.clone()),
            plain("Server", &row.server),
            plain("Aliases", &self.aliases.join(", ")),
            plain("Known from", &row.known_from),
            plain("Context", &row.context),
            plain("Labels", &labels.join(", ")),
            plain("Proxy", &self.proxy_url),
            plain("TLS server name", &self.tls_server_name),
            ("Status", row.status.label(), row.status.as_str().to_owned()),
            plain("Version", &row.version),
            plain("User", &self.user),
            plain("Auth", &row.auth),
            plain("Expires", &expiry(&row.expires, screen)),
        ];
        if self.insecure {
            let value = "certificates are not checked".to_owned();
            lines.push(("TLS", Label::Bad, value));
        }
        let is_same = self.recorded_uid.is_empty()
            || self.live_uid.is_empty()
            || self.recorded_uid == self.live_uid;
        if is_same {
            let uid = match self.live_uid.is_empty() {
                true => &self.recorded_uid,
                false => &self.live_uid,
            };
            lines.push(plain("Cluster UID", uid));
        } else {
            let value = format!("{} (recorded: {})", self.live_uid, self.recorded_uid);
            lines.push(("Cluster UID", Label::Bad, value));
        }
        lines.push(plain("Apps", &self.apps.join(", ")));
        lines
    }
}

impl Report for ClusterDetails {
    const KIND: &'static str = "ClusterDetails";

    fn text(&self, screen: &Screen) -> String {
        let mut text = labels::fields(self.lines(screen), screen);
        if let Some(error) = &self.row.error {
            text.push_str(&error.indented(screen));
        }
        for right in &self.rights {
            let (label, word) = match right.allowed {
                true => (Label::Good, "may    "),
                false => (Label::Bad, "may not"),
            };
            text.push_str(&format!(
                "{} {}\n",
                screen.paint(label, word),
                display(&right.what)
            ));
        }
        text
    }

    fn names(&self) -> Vec<String> {
        vec![self.row.name.clone()]
    }

    fn exit(&self) -> Exit {
        exit(&self.row)
    }
}
