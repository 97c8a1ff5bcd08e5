//! Examples and exit codes at the end of each command's help.

pub(crate) const TOP: &str = "\
Examples:
  pushboat cluster list                     which clusters answer
  pushboat app diff --all                   how every app differs from its cluster
  pushboat app sync shop --cluster prod     push the difference
  pushboat app rollback prod/shop           back to the deployment before

Exit codes: 0 done, 1 the answer is no (drift, unhealthy, failed), 2 could not be answered, 130 interrupted.";

pub(crate) const COMPLETION: &str = "\
Examples:
  pushboat completion bash > /etc/bash_completion.d/pushboat
  pushboat completion zsh > \"${fpath[1]}/_pushboat\"
  pushboat completion fish > ~/.config/fish/completions/pushboat.fish";

pub(crate) const RENDER: &str = "\
Examples:
  pushboat render apps/overlays/prod
  pushboat render apps/overlays/prod -o json | jq '.items[].metadata.name'

Exit codes: 0 rendered, 2 it does not render.";

pub(crate) const DOCTOR: &str = "\
Examples:
  pushboat doctor
  pushboat doctor -o json

Exit codes: 0 all is well, warnings aside, 1 a check failed.";

pub(crate) const APP_LIST: &str = "\
Examples:
  pushboat app list --all
  pushboat app list -l team=shop -o wide
  pushboat app list --cluster 'prod-*' -o json

Exit codes: 0 listed, 2 an app or a cluster could not be read (the others are listed).";

pub(crate) const APP_GET: &str = "\
Examples:
  pushboat app get shop --cluster prod
  pushboat app get prod/shop -o json

Exit codes: 0 shown, 2 it could not be read.";

pub(crate) const APP_MANIFESTS: &str = "\
Examples:
  pushboat app manifests prod/shop
  pushboat app manifests prod/shop --revision v1.4.0 > v1.4.0.yaml
  pushboat app manifests prod/shop -o name

Exit codes: 0 rendered, 2 it does not render.";

pub(crate) const APP_RESOURCES: &str = "\
Examples:
  pushboat app resources prod/shop
  pushboat app resources --all -o json

Exit codes: 0 listed, 2 an app could not be read.";

pub(crate) const APP_TREE: &str = "\
Examples:
  pushboat app tree prod/shop

Exit codes: 0 shown, 2 an app could not be read.";

pub(crate) const APP_DIFF: &str = "\
Examples:
  pushboat app diff --all                      drift of everything, by field, with who wrote it and when
  pushboat app diff prod/shop --format unified as a patch
  pushboat app diff --all --revision HEAD~1    against another commit
  pushboat app diff --all -o json              for pipelines

Exit codes: 0 no drift, 1 drift, 2 an app or a cluster could not be read, which outranks drift.";

pub(crate) const APP_SYNC: &str = "\
Examples:
  pushboat app sync prod/shop                  shows the plan, asks, applies
  pushboat app sync --all --yes --wait         in CI: no question, until everything is healthy
  pushboat app sync prod/shop --prune          also deletes what is no longer in git
  pushboat app sync prod/shop --dry-run        only asks the server

Exit codes: 0 synced, 1 something was refused, is unhealthy or needs pruning, 2 could not be answered, 130 interrupted.";

pub(crate) const APP_WAIT: &str = "\
Examples:
  pushboat app wait prod/shop --timeout 5m
  pushboat app wait --all --sync

Exit codes: 0 healthy, 1 not healthy in time or never will be, 2 could not be read.";

pub(crate) const APP_UNLOCK: &str = "\
Examples:
  pushboat app unlock prod/shop --reason 'the CI job hangs, ticket 4711'

Exit codes: 0 free or nobody held it, 1 not confirmed or it changed hands, 2 could not be read.";

pub(crate) const APP_HISTORY: &str = "\
Examples:
  pushboat app history prod/shop
  pushboat app history prod/shop -o json

Exit codes: 0 shown, 2 it could not be read.";

pub(crate) const APP_ROLLBACK: &str = "\
Examples:
  pushboat app rollback prod/shop              to the release before the newest
  pushboat app rollback prod/shop 7 --yes --wait

It applies what was deployed then, exactly, from the cluster's own history, once git has confirmed it: the entry's commit must
render to the same. The next sync of what was rolled back is held until git changes.

Exit codes: 0 rolled back, 1 refused or unhealthy, 2 could not be answered, 130 interrupted.";

pub(crate) const APP_DELETE: &str = "\
Examples:
  pushboat app delete dev/shop
  pushboat app delete dev/shop --cascade=false    forget it, keep its objects
  pushboat app delete dev/shop --confirm-prune Namespace/shop

Exit codes: 0 deleted, 1 something could not be deleted, 2 could not be answered, 130 interrupted.";

pub(crate) const CLUSTER_ADD: &str = "\
Examples:
  pushboat cluster add kind-dev --name dev
  pushboat cluster add prod-admin --name prod --yes
  pushboat cluster add eks-prod --no-manager      use the context's own credentials
  pushboat cluster add prod --name shop --namespace shop --token-duration 24h

Exit codes: 0 added, 1 refused, 2 could not be answered.";

pub(crate) const CLUSTER_LIST: &str = "\
Examples:
  pushboat cluster list
  pushboat cluster list --timeout 3s -o json

Exit codes: 0 all answer, 2 one does not.";

pub(crate) const CLUSTER_GET: &str = "\
Examples:
  pushboat cluster get prod

Exit codes: 0 it answers, 2 it does not.";

pub(crate) const CLUSTER_RM: &str = "\
Examples:
  pushboat cluster rm dev --yes
  pushboat cluster rm lost --context kind-dev     what a failed `cluster add` left

Exit codes: 0 removed, 1 refused, 2 could not be answered.";
