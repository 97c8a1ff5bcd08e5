#!/usr/bin/env bash
# bin.sh: prints the folders of the built programs, as a part of a PATH.
set -euo pipefail
# shellcheck source=testdata/controlplane/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
printf '%s\n' "${KUBEBUILDER_ASSETS:+$KUBEBUILDER_ASSETS:}$bin"
