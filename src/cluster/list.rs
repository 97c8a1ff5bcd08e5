//! Lists, page by page: each page is checked as a whole, then its items are decoded one by one while the next page is fetched.
//!
//! A list either was read to its end or is an error. It never asks for `resourceVersion=0`, which may answer from the past.

use bytes::Bytes;
use futures::FutureExt;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::api::{ApiResource, ListOptions, Listed};
use super::send::{Broken, Call, JSON, Reply, Sender};
use super::status::Subject;
use super::transport::Answer;
use super::url::ApiPath;
use crate::error::{Error, Reason, Result};
use crate::object::Object;
use crate::object::display::display;

/// Objects a page. Half of what kubectl asks for: several lists are read at once, each with two pages in memory.
const PAGE: &str = "250";
/// A list that expires more often than this changes faster than it can be read.
const MAX_RESTARTS: u32 = 3;
/// Items decoded between two chances for the next page to arrive.
const ITEMS_PER_TURN: usize = 32;

const METADATA_ONLY: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

/// What a list is asked for, and what its items must be.
struct Query<'a> {
    resource: &'a ApiResource,
    options: &'a ListOptions,
    api_version: String,
    subject: Subject,
}

/// The envelope of a page, borrowed from its bytes.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(default)]
    kind: String,
    #[serde(default, rename = "apiVersion")]
    api_version: String,
    #[serde(default)]
    metadata: ListMeta,
    #[serde(borrow, default)]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ListMeta {
    resource_version: String,
    #[serde(rename = "continue")]
    next: String,
}

/// A page that was read to its end and is a list of the right kind.
struct Page {
    body: Bytes,
    meta: ListMeta,
    is_kind_named: bool,
    /// Where each item stands in the body.
    items: Vec<std::ops::Range<usize>>,
}

/// What asking for a page came to.
enum Fetched {
    Page(Page),
    /// 410: the rest of this list is gone.
    Expired,
}

/// See [`super::Cluster::list`].
pub async fn list(
    sender: &Sender,
    resource: &ApiResource,
    options: &ListOptions,
    on_restart: &mut (dyn FnMut() + Send),
    on_item: &mut (dyn FnMut(Object) + Send),
) -> Result<Listed> {
    let query = Query::new(resource, options);
    for restart in 0..=MAX_RESTARTS {
        if restart > 0 {
            on_restart();
        }
        if let Some(listed) = read_pages(sender, &query, on_item).await? {
            return Ok(listed);
        }
    }
    Err(query
        .subject
        .error(
            Reason::PartialList,
            format!("the list expired {MAX_RESTARTS} times while it was read"),
        )
        .hint("the server forgets old states quickly; try again when it is less busy"))
}

/// Reads from the first page to the last; `None` when the list expired on the way.
async fn read_pages(
    sender: &Sender,
    query: &Query<'_>,
    on_item: &mut (dyn FnMut(Object) + Send),
) -> Result<Option<Listed>> {
    let mut n_items = 0;
    let mut fetched = fetch(sender, query, "").await?;
    loop {
        let page = match fetched {
            Fetched::Page(page) => page,
            Fetched::Expired => return Ok(None),
        };
        n_items += page.items.len();
        if page.meta.next.is_empty() {
            give_items(query, &page, on_item).await?;
            return Ok(Some(Listed {
                resource_version: page.meta.resource_version,
                n_items,
            }));
        }
        // The next page is on its way while this one is decoded.
        let next = page.meta.next.clone();
        let (given, following) = futures::join!(
            give_items(query, &page, on_item),
            fetch(sender, query, &next)
        );
        given?;
        fetched = following?;
    }
}

async fn fetch(sender: &Sender, query: &Query<'_>, token: &str) -> Result<Fetched> {
    let path = query.path(token)?;
    let mut call = Call::get(&path, &query.subject);
    call.accept = if query.options.metadata_only {
        METADATA_ONLY
    } else {
        JSON
    };
    let sent = sender.send(&call, |answer| page(query, answer)).await?;
    match sent.reply {
        Reply::Done(page) => Ok(Fetched::Page(page)),
        Reply::Refused(answer) if answer.status == 410 => Ok(Fetched::Expired),
        Reply::Refused(answer) => Err(sender.refusal(&answer, &query.subject)),
        Reply::Unknown(words) => Err(query.subject.error(Reason::Unreachable, words)),
    }
}

impl<'a> Query<'a> {
    fn new(resource: &'a ApiResource, options: &'a ListOptions) -> Self {
        let place = match &options.namespace {
            Some(namespace) => format!(" in namespace `{}`", display(namespace)),
            None => String::new(),
        };
        let kind = resource.gvk.group_kind();
        let subject = Subject::read(format!("list {}{place}", display(&kind)))
            .secret(resource.gvk.group.is_empty() && resource.gvk.kind == "Secret");
        Self {
            resource,
            options,
            api_version: resource.gvk.api_version(),
            subject,
        }
    }

    fn path(&self, token: &str) -> Result<ApiPath> {
        let options = self.options;
        let mut path =
            ApiPath::collection(self.resource, options.namespace.as_deref())?.query("limit", PAGE);
        if let Some(selector) = &options.label_selector {
            path = path.query("labelSelector", selector);
        }
        if let Some(selector) = &options.field_selector {
            path = path.query("fieldSelector", selector);
        }
        if !token.is_empty() {
            path = path.query("continue", token);
        }
        Ok(path)
    }

    fn bad_item(&self, words: &str) -> Error {
        self.subject.error(Reason::PartialList, words)
    }

    /// Fills in what list items lack, and refuses an item that does not belong here.
    fn check_item(&self, mut value: Value, is_kind_named: bool) -> Result<Object> {
        let gvk = &self.resource.gvk;
        let Value::Object(map) = &mut value else {
            return Err(self.bad_item("an item is not an object"));
        };
        if self.options.metadata_only {
            map.insert(
                "apiVersion".to_owned(),
                Value::from(self.api_version.as_str()),
            );
            map.insert("kind".to_owned(), Value::from(gvk.kind.as_str()));
        }
        for (field, expected) in [
            ("apiVersion", self.api_version.as_str()),
            ("kind", gvk.kind.as_str()),
        ] {
            match map.get(field) {
                None if is_kind_named => {
                    map.insert(field.to_owned(), Value::from(expected));
                }
                Some(Value::String(found)) if found == expected => {}
                None | Some(_) => return Err(self.bad_item("an item is of another kind")),
            }
        }
        let object = Object::new(value);
        if object.name().is_empty() {
            return Err(self.bad_item("an item has no name"));
        }
        let namespace = object.namespace();
        let belongs = match (&self.options.namespace, self.resource.namespaced) {
            (_, false) => namespace.is_empty(),
            (Some(asked), true) => namespace == asked,
            (None, true) => !namespace.is_empty(),
        };
        if belongs {
            Ok(object)
        } else {
            Err(self.bad_item("an item is of another namespace"))
        }
    }
}

/// Checks a page as a whole: it is complete JSON and a list of the kind that was asked for.
fn page(query: &Query<'_>, answer: &Answer) -> std::result::Result<Page, Broken> {
    let text = std::str::from_utf8(&answer.body)
        .map_err(|_| Broken::Foreign("the answer is not UTF-8 text".to_owned()))?;
    let envelope: Envelope<'_> = serde_json::from_str(text)?;
    let foreign = || Broken::Foreign("the answer is not the list that was asked for".to_owned());
    let (api_version, list_kind) = if query.options.metadata_only {
        ("meta.k8s.io/v1", "PartialObjectMetadataList".to_owned())
    } else {
        (
            query.api_version.as_str(),
            format!("{}List", query.resource.gvk.kind),
        )
    };
    let is_kind_named = envelope.kind == list_kind;
    // A custom resource may call its list anything, but its items name their kind.
    let may_differ = query.resource.gvk.group.contains('.') && !query.options.metadata_only;
    if envelope.api_version != api_version || (!is_kind_named && !may_differ) {
        return Err(foreign());
    }
    let base = text.as_ptr() as usize;
    let items = match envelope.items {
        Some(items) => items
            .iter()
            .map(|item| {
                let start = item.get().as_ptr() as usize - base;
                start..start + item.get().len()
            })
            .collect(),
        // Go writes an empty list as `null` where the slice was never made; a missing key is no list.
        None if text.contains("\"items\"") => Vec::new(),
        None => return Err(foreign()),
    };
    Ok(Page {
        body: answer.body.clone(),
        meta: envelope.metadata,
        is_kind_named,
        items,
    })
}

/// Decodes the items of a page one by one, so that only one is in memory besides the page.
async fn give_items(
    query: &Query<'_>,
    page: &Page,
    on_item: &mut (dyn FnMut(Object) + Send),
) -> Result<()> {
    for (n, range) in page.items.iter().enumerate() {
        let bytes = page.body.get(range.clone()).unwrap_or_default();
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|_| query.bad_item("an item is not valid JSON, or nested too deeply"))?;
        on_item(query.check_item(value, page.is_kind_named)?);
        if n % ITEMS_PER_TURN == ITEMS_PER_TURN - 1 {
            yield_now().await;
        }
    }
    Ok(())
}

/// Lets the other half of a `join!` make a step.
async fn yield_now() {
    let mut is_first = true;
    futures::future::poll_fn(|context| {
        if std::mem::take(&mut is_first) {
            context.waker().wake_by_ref();
            return std::task::Poll::Pending;
        }
        std::task::Poll::Ready(())
    })
    .boxed()
    .await;
}
