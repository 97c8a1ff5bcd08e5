//! Reads `spec.source.kustomize` of an Application.

use super::application::{KustomizeOptions, Replicas, text_or_empty, values};
use super::reader::{Fields, Reader};
use crate::object::display::display;
use crate::object::yaml::Node;

/// Reads the options; what cannot be honoured is a problem by name.
pub(crate) fn read(reader: &Reader<'_>, mut fields: Fields<'_>) -> KustomizeOptions {
    let options = KustomizeOptions {
        name_prefix: text_or_empty(&mut fields, "namePrefix").value,
        name_suffix: text_or_empty(&mut fields, "nameSuffix").value,
        images: values(fields.texts("images")),
        replicas: fields
            .items("replicas")
            .into_iter()
            .filter_map(|(name, node)| replicas(reader, &name, node))
            .collect(),
        common_labels: fields.text_map("commonLabels"),
        force_common_labels: fields.flag("forceCommonLabels").unwrap_or_default(),
        label_without_selector: fields.flag("labelWithoutSelector").unwrap_or_default(),
        label_include_templates: fields.flag("labelIncludeTemplates").unwrap_or_default(),
        common_annotations: fields.text_map("commonAnnotations"),
        force_common_annotations: fields.flag("forceCommonAnnotations").unwrap_or_default(),
        common_annotations_envsubst: fields.flag("commonAnnotationsEnvsubst").unwrap_or_default(),
        namespace: text_or_empty(&mut fields, "namespace").value,
        patches: fields
            .items("patches")
            .into_iter()
            .filter_map(|(_, node)| reader.json(node))
            .collect(),
        components: values(fields.texts("components")),
        ignore_missing_components: fields.flag("ignoreMissingComponents").unwrap_or_default(),
    };
    if options.label_include_templates && !options.label_without_selector {
        let node = fields.node;
        reader.problem(
            node.get("labelIncludeTemplates").unwrap_or(node),
            "`labelIncludeTemplates` works only together with `labelWithoutSelector`",
        );
    }
    fields.finish(
        &["version", "kubeVersion", "apiVersions"],
        &[
            "namePrefix",
            "nameSuffix",
            "images",
            "replicas",
            "commonLabels",
            "commonAnnotations",
            "namespace",
            "patches",
            "components",
        ],
    );
    options
}

fn replicas(reader: &Reader<'_>, name: &str, node: &Node) -> Option<Replicas> {
    let mut fields = reader.fields(name, node)?;
    let target = fields.text("name");
    let count_node = fields.take("count");
    fields.finish(&[], &["name", "count"]);
    let (Some(target), Some(count_node)) = (target, count_node) else {
        reader.problem(node, format!("`{name}` needs a `name` and a `count`"));
        return None;
    };
    // An integer, or the same in quotes.
    let count = match reader.json(count_node)? {
        serde_json::Value::String(text) => text.parse().ok(),
        other => other.as_i64(),
    };
    let Some(count) = count else {
        let text = count_node.text().unwrap_or("a list or mapping");
        reader.problem(
            count_node,
            format!(
                "expected integer value for count. Received: {}",
                display(text)
            ),
        );
        return None;
    };
    Some(Replicas {
        name: target.value,
        count,
    })
}
