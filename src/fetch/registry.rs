//! Artifacts out of a registry, by the pull half of the OCI distribution specification: tags, a manifest, and the layer that is
//! wanted; and the token that a registry may ask for first. Pushes nothing.

use std::sync::Arc;
use std::time::Instant;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::FILE_BYTES;
use super::address::Address;
use super::https::{Answer, Header, Https, Reply, authorization, refusal};
use crate::error::{Error, Reason, Result};
use crate::object::display::display;
use crate::object::hex::hex;
use crate::repo::foreign::Artifact;

/// Manifests larger than this are refused by registries, too.
const MANIFEST_BYTES: u64 = 4 << 20;
/// A page of tags, or a token.
const ANSWER_BYTES: u64 = 1 << 20;
/// With the usual hundred to a thousand tags a page, more than any chart has.
const MAX_PAGES: usize = 100;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const JSON: &str = "application/json";

/// One repository of a registry, within one deadline.
pub struct Registry<'a> {
    https: &'a Https,
    /// `https://HOST/PATH`, as the user's list has it.
    repository: Address,
    deadline: Instant,
    /// Who asks: what the user's list has for this repository, later the token that the registry wanted.
    authorization: Option<Header>,
}

/// The part of a manifest that is read.
#[derive(Deserialize)]
struct Manifest {
    config: Descriptor,
    layers: Vec<Descriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
}

#[derive(Deserialize)]
struct Tags {
    /// Null for none.
    tags: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    /// The same in the words of OAuth 2.
    access_token: Option<String>,
}

impl<'a> Registry<'a> {
    pub fn new(https: &'a Https, repository: Address, deadline: Instant) -> Result<Self> {
        if repository.path.trim_matches('/').is_empty() || !repository.query.is_empty() {
            return Err(Error::render(format!(
                "`{repository}` is no repository of a registry: it is `oci://HOST/PATH`"
            )));
        }
        Ok(Self {
            authorization: https.authorization(&repository)?,
            https,
            repository,
            deadline,
        })
    }

    /// All tags, in the registry's order.
    pub fn tags(&mut self) -> Result<Vec<String>> {
        let mut tags = Vec::new();
        let mut address = self.address("tags/list")?;
        for _ in 0..MAX_PAGES {
            let answer = self.get(&address, JSON, ANSWER_BYTES)?;
            let next = next_page(&answer.headers);
            let page: Tags = read(answer, "the list of tags")?;
            tags.extend(page.tags.unwrap_or_default());
            let Some(next) = next else {
                return Ok(tags);
            };
            let next = address.redirected(&next)?;
            if next.origin() != address.origin() {
                return Err(Error::render(format!(
                    "the list of tags goes on elsewhere, at `{}`",
                    next.origin()
                )));
            }
            address = next;
        }
        Err(Error::render(format!(
            "there are more than {MAX_PAGES} pages of tags"
        )))
    }

    /// The layer of an artifact, checked against its digest.
    pub fn artifact(&mut self, wanted: &Artifact) -> Result<Arc<[u8]>> {
        let tag = &wanted.tag;
        if !is_tag(tag) {
            return Err(Error::render(format!("`{}` is no tag", display(tag))));
        }
        let address = self.address(&format!("manifests/{tag}"))?;
        let answer = self.get(&address, MANIFEST, MANIFEST_BYTES)?;
        let manifest: Manifest = read(answer, "the manifest")?;
        if manifest.config.media_type != wanted.config {
            return Err(Error::render(format!(
                "the tag `{tag}` is something else: its configuration is `{}`, not `{}`",
                display(&manifest.config.media_type),
                wanted.config
            )));
        }
        let layer = wanted.layers.iter().find_map(|media_type| {
            let mut layers = manifest.layers.iter();
            layers.find(|layer| layer.media_type == *media_type)
        });
        let digest = layer.map(|layer| layer.digest.as_str()).ok_or_else(|| {
            let wanted = wanted.layers.join("` or `");
            Error::render(format!("the tag `{tag}` has no layer `{wanted}`"))
        })?;
        if !is_sha256(digest) {
            return Err(Error::render(format!(
                "the digest `{}` is no SHA-256",
                display(digest)
            )));
        }
        let address = self.address(&format!("blobs/{digest}"))?;
        let content = self.get(&address, "*/*", FILE_BYTES)?.bytes()?;
        if format!("sha256:{}", hex(&Sha256::digest(&content))) != digest {
            return Err(Error::render(
                "what the registry gives is not what its manifest speaks of: the digest differs",
            ));
        }
        Ok(content)
    }

    /// An address of the registry's API about this repository.
    fn address(&self, rest: &str) -> Result<Address> {
        let mut address = self.repository.clone();
        // The one registry that answers under another name than it is called by.
        if address.host == "docker.io" {
            "registry-1.docker.io".clone_into(&mut address.host);
        }
        let name = address.path.trim_matches('/');
        Address::parse(&format!("{}/v2/{name}/{rest}", address.origin()))
    }

    /// Asks, with a token where the registry wants one.
    fn get(&mut self, address: &Address, accept: &str, limit: u64) -> Result<Answer> {
        let headers = [("Accept".to_owned(), accept.to_owned())];
        let ask = |registry: &Self| {
            let authorization = registry.authorization.as_ref();
            let (https, deadline) = (registry.https, registry.deadline);
            https.get_as(authorization, address, &headers, limit, deadline)
        };
        let challenge = match ask(self)? {
            Reply::Answer(answer) => return Ok(answer),
            Reply::Challenge(challenge) => challenge,
        };
        let token = self
            .token(&challenge)?
            .ok_or_else(|| refusal(address, 401))?;
        self.authorization = Some(authorization(format!("Bearer {token}")));
        match ask(self)? {
            Reply::Answer(answer) => Ok(answer),
            Reply::Challenge(_) => Err(refusal(address, 401)),
        }
    }

    /// A token of the service that a challenge names; nothing where it names none.
    fn token(&self, challenge: &str) -> Result<Option<String>> {
        let Some(parameters) = bearer(challenge) else {
            return Ok(None);
        };
        let parameter = |name: &str| {
            let mut all = parameters.iter();
            all.find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        };
        let Some(realm) = parameter("realm") else {
            return Ok(None);
        };
        let name = self.repository.path.trim_matches('/');
        let usual = format!("repository:{name}:pull");
        let scope = parameter("scope").unwrap_or(&usual);
        let mut query = format!("scope={}", encoded(scope));
        if let Some(service) = parameter("service") {
            query = format!("service={}&{query}", encoded(service));
        }
        let joint = if realm.contains('?') { '&' } else { '?' };
        let address = Address::parse(&format!("{realm}{joint}{query}"))?;
        // A registry may give its tokens itself; another server must be allowed, and has credentials of its own.
        let is_own = address.origin() == self.repository.origin();
        let own = if is_own {
            self.https.authorization(&self.repository)?
        } else {
            let told = |error: Error| error.context("the registry sends for a token elsewhere");
            self.https.check(&address.to_string()).map_err(told)?;
            None
        };
        let (https, deadline) = (self.https, self.deadline);
        match https.get_as(own.as_ref(), &address, &[], ANSWER_BYTES, deadline)? {
            Reply::Challenge(_) => Err(refusal(&address, 401)),
            Reply::Answer(answer) => {
                let answer: Token = read(answer, "the token")?;
                let token = answer.token.or(answer.access_token);
                // It becomes a header's value.
                let is_fine = |token: &String| token.bytes().all(|b| b.is_ascii_graphic());
                Ok(token.filter(is_fine))
            }
        }
    }
}

fn read<T: for<'de> Deserialize<'de>>(answer: Answer, what: &str) -> Result<T> {
    let bytes = answer.bytes()?;
    serde_json::from_slice(&bytes).map_err(|_| {
        Error::new(
            Reason::Unreachable,
            format!("the answer is not {what} of a registry"),
        )
    })
}

/// The parameters of a challenge for a token: `Bearer realm="…",service="…"`.
fn bearer(challenge: &str) -> Option<Vec<(String, String)>> {
    let (scheme, mut rest) = challenge.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let mut parameters = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        let Some((name, after)) = rest.split_once('=') else {
            return Some(parameters);
        };
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(',').unwrap_or(after.len())),
        };
        parameters.push((name.trim().to_owned(), value.to_owned()));
        rest = after;
    }
}

/// The address of the next page, where a `Link` names one.
fn next_page(headers: &[Header]) -> Option<String> {
    let (_, link) = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("link"))?;
    let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
    let is_next = parameters.contains("rel=\"next\"") || parameters.contains("rel=next");
    is_next.then(|| target.to_owned())
}

fn is_tag(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    (1..=128).contains(&text.len()) && text.bytes().all(is_part) && !text.starts_with(['.', '-'])
}

fn is_sha256(digest: &str) -> bool {
    let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    digest
        .strip_prefix("sha256:")
        .is_some_and(|hex| hex.len() == 64 && hex.bytes().all(is_hex))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_read_into_its_parameters() {
        let check = |text: &str, expected: Option<&[(&str, &str)]>| {
            let owned = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
            let expected = expected.map(|all| all.iter().map(owned).collect::<Vec<_>>());
            assert_eq!(bearer(text), expected, "{text}");
        };
        check(
            r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#,
            Some(&[
                ("realm", "https://auth.docker.io/token"),
                ("service", "registry.docker.io"),
                ("scope", "repository:a/b:pull,push"),
            ]),
        );
        check(
            "bearer realm=https://a/t, service=x y",
            Some(&[("realm", "https://a/t"), ("service", "x y")]),
        );
        check("Bearer realm=\"never closed", None);
        check("Basic realm=\"x\"", None);
        check("Bearer", None);
        check("Bearer x", Some(&[]));
    }

    #[test]
    fn a_link_to_the_next_page_is_followed_and_no_other() {
        let link = |text: &str| next_page(&[("Link".to_owned(), text.to_owned())]);
        assert_eq!(
            link("</v2/a/tags/list?n=2&last=b>; rel=\"next\"").as_deref(),
            Some("/v2/a/tags/list?n=2&last=b")
        );
        assert_eq!(link("</v2/a/tags/list>; rel=\"prev\""), None);
        assert_eq!(link("nonsense"), None);
    }

    #[test]
    fn what_becomes_a_part_of_a_path_is_plain() {
        for tag in ["1.2.3", "v1", "1.0.0_build.5", "_x"] {
            assert!(is_tag(tag), "{tag}");
        }
        for tag in [
            "", "..", ".x", "-x", "a/b", "a:b", "a?b", "a b", "1.0+b", "ä",
        ] {
            assert!(!is_tag(tag), "{tag}");
        }
        assert!(is_sha256(&format!("sha256:{}", "0".repeat(64))));
        for digest in ["", "sha256:", "sha512:00", "sha256:../../x"] {
            assert!(!is_sha256(digest), "{digest}");
        }
    }
}
