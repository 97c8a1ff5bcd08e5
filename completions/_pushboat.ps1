
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'pushboat' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'pushboat'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'pushboat' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('app', 'app', [CompletionResultType]::ParameterValue, 'Compare apps with their clusters, sync them, roll them back')
            [CompletionResult]::new('cluster', 'cluster', [CompletionResultType]::ParameterValue, 'Register clusters, test them, forget them')
            [CompletionResult]::new('render', 'render', [CompletionResultType]::ParameterValue, 'Render a kustomize overlay')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check the machine, the repository and the clusters')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pushboat;app' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List apps with their sync status and health')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show one app: where it comes from, where it goes, and each of its objects')
            [CompletionResult]::new('manifests', 'manifests', [CompletionResultType]::ParameterValue, 'Print what apps render to, Secrets masked')
            [CompletionResult]::new('resources', 'resources', [CompletionResultType]::ParameterValue, 'List the objects of apps with their sync status and health')
            [CompletionResult]::new('tree', 'tree', [CompletionResultType]::ParameterValue, 'Show the tree of objects: what is declared, and what belongs to it')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show how apps differ from their clusters')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Make clusters match the repository')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until apps are healthy')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show what was deployed: revision, time, who, result')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Deploy again what was deployed before')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete apps: their objects and what pushboat remembers of them')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Take an app''s lock from its holder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pushboat;app;list' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Apps of this project; repeatable')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Render this git revision instead of each app''s own')
            [CompletionResult]::new('--override-destination', '--override-destination', [CompletionResultType]::ParameterName, 'Send the one selected app to this cluster instead of the one that its Application says')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All apps of the selected clusters')
            [CompletionResult]::new('--worktree', '--worktree', [CompletionResultType]::ParameterName, 'Render the working tree for every app of this repository, whatever its targetRevision')
            [CompletionResult]::new('--orphaned', '--orphaned', [CompletionResultType]::ParameterName, 'Only apps that no file declares any more, by the records that they left in the clusters')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;app;get' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Apps of this project; repeatable')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Render this git revision instead of each app''s own')
            [CompletionResult]::new('--override-destination', '--override-destination', [CompletionResultType]::ParameterName, 'Send the one selected app to this cluster instead of the one that its Application says')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All apps of the selected clusters')
            [CompletionResult]::new('--worktree', '--worktree', [CompletionResultType]::ParameterName, 'Render the working tree for every app of this repository, whatever its targetRevision')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;app;manifests' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Apps of this project; repeatable')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Render this git revision instead of each app''s own')
            [CompletionResult]::new('--override-destination', '--override-destination', [CompletionResultType]::ParameterName, 'Send the one selected app to this cluster instead of the one that its Application says')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All apps of the selected clusters')
            [CompletionResult]::new('--worktree', '--worktree', [CompletionResultType]::ParameterName, 'Render the working tree for every app of this repository, whatever its targetRevision')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;app;resources' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Apps of this project; repeatable')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Render this git revision instead of each app''s own')
            [CompletionResult]::new('--override-destination', '--override-destination', [CompletionResultType]::ParameterName, 'Send the one selected app to this cluster instead of the one that its Application says')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All apps of the selected clusters')
            [CompletionResult]::new('--worktree', '--worktree', [CompletionResultType]::ParameterName, 'Render the working tree for every app of this repository, whatever its targetRevision')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;app;tree' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Apps of this project; repeatable')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Render this git revision instead of each app''s own')
            [CompletionResult]::new('--override-destination', '--override-destination', [CompletionResultType]::ParameterName, 'Send the one selected app to this cluster instead of the one that its Application says')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All apps of the selected clusters')
            [CompletionResult]::new('--worktree', '--worktree', [CompletionResultType]::ParameterName, 'Render the working tree for every app of this repository, whatever its targetRevision')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;app;diff' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Apps of this project; repeatable')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Render this git revision instead of each app''s own')
            [CompletionResult]::new('--override-destination', '--override-destination', [CompletionResultType]::ParameterName, 'Send the one selected app to this cluster instead of the one that its Application says')
            [CompletionResult]::new('--assume-gone', '--assume-gone', [CompletionResultType]::ParameterName, 'Take it that nothing of this kind is left where it cannot be read, because it is not served or may not be listed; repeatable')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'How changes are shown')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All apps of the selected clusters')
            [CompletionResult]::new('--worktree', '--worktree', [CompletionResultType]::ParameterName, 'Render the working tree for every app of this repository, whatever its targetRevision')
            [CompletionResult]::new('--exact', '--exact', [CompletionResultType]::ParameterName, 'Ask the server about every object, not only about those that ownership records leave open')
            [CompletionResult]::new('--exit-zero', '--exit-zero', [CompletionResultType]::ParameterName, 'End with 0 also when there is drift')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;app;sync' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Apps of this project; repeatable')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Render this git revision instead of each app''s own')
            [CompletionResult]::new('--override-destination', '--override-destination', [CompletionResultType]::ParameterName, 'Send the one selected app to this cluster instead of the one that its Application says')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Confirm by name a cluster that `cluster.yaml` marks with `confirm: name`, where `--yes` is not enough; repeatable')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another sync of the same app, default 60s')
            [CompletionResult]::new('--max-prune', '--max-prune', [CompletionResultType]::ParameterName, 'Delete at most this many objects of an app, or this share of them; default: 10, or 30 % where that is more')
            [CompletionResult]::new('--confirm-prune', '--confirm-prune', [CompletionResultType]::ParameterName, 'Confirm the deletion of a Namespace, PersistentVolume, PersistentVolumeClaim or CustomResourceDefinition by name; repeatable')
            [CompletionResult]::new('--ignore-unreadable', '--ignore-unreadable', [CompletionResultType]::ParameterName, 'Delete although this app, ApplicationSet or file cannot be read, and may want what is deleted; repeatable')
            [CompletionResult]::new('--assume-gone', '--assume-gone', [CompletionResultType]::ParameterName, 'Take it that nothing of this kind is left where it cannot be read, because it is not served or may not be listed; repeatable')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All apps of the selected clusters')
            [CompletionResult]::new('--worktree', '--worktree', [CompletionResultType]::ParameterName, 'Render the working tree for every app of this repository, whatever its targetRevision')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only ask the servers what would happen')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is healthy; `--timeout` says how long, default 5m')
            [CompletionResult]::new('--force-conflicts', '--force-conflicts', [CompletionResultType]::ParameterName, 'Take fields from other controllers too')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Delete objects and create them anew where a field that changed is immutable; volumes, claims, namespaces and definitions never')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Write objects over as a whole instead of applying them field by field')
            [CompletionResult]::new('--no-lock', '--no-lock', [CompletionResultType]::ParameterName, 'Write without a lock, where the account may not hold one')
            [CompletionResult]::new('--prune', '--prune', [CompletionResultType]::ParameterName, 'Delete what pushboat applied and the repository no longer has; default: what the Application''s `automated.prune` says')
            [CompletionResult]::new('--no-prune', '--no-prune', [CompletionResultType]::ParameterName, 'Delete nothing, whatever the Application says')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Allow an app that renders to nothing to lose all its objects')
            [CompletionResult]::new('--exact', '--exact', [CompletionResultType]::ParameterName, 'Ask the server about every object, not only about those that ownership records leave open')
            [CompletionResult]::new('--adopt', '--adopt', [CompletionResultType]::ParameterName, 'Take over records and objects of another repository, app or tool')
            [CompletionResult]::new('--undo-rollback', '--undo-rollback', [CompletionResultType]::ParameterName, 'Sync although this very content was rolled back')
            [CompletionResult]::new('--allow-older', '--allow-older', [CompletionResultType]::ParameterName, 'Go back to an older commit than the one that is deployed')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;app;wait' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Apps of this project; repeatable')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Render this git revision instead of each app''s own')
            [CompletionResult]::new('--override-destination', '--override-destination', [CompletionResultType]::ParameterName, 'Send the one selected app to this cluster instead of the one that its Application says')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All apps of the selected clusters')
            [CompletionResult]::new('--worktree', '--worktree', [CompletionResultType]::ParameterName, 'Render the working tree for every app of this repository, whatever its targetRevision')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'They must be in sync too')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;app;history' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Apps of this project; repeatable')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Render this git revision instead of each app''s own')
            [CompletionResult]::new('--override-destination', '--override-destination', [CompletionResultType]::ParameterName, 'Send the one selected app to this cluster instead of the one that its Application says')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All apps of the selected clusters')
            [CompletionResult]::new('--worktree', '--worktree', [CompletionResultType]::ParameterName, 'Render the working tree for every app of this repository, whatever its targetRevision')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;app;rollback' {
            [CompletionResult]::new('--override-destination', '--override-destination', [CompletionResultType]::ParameterName, 'Send the one selected app to this cluster instead of the one that its Application says')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Confirm by name a cluster that `cluster.yaml` marks with `confirm: name`, where `--yes` is not enough; repeatable')
            [CompletionResult]::new('--lock-timeout', '--lock-timeout', [CompletionResultType]::ParameterName, 'How long to wait for another sync of the same app, default 60s')
            [CompletionResult]::new('--max-prune', '--max-prune', [CompletionResultType]::ParameterName, 'Delete at most this many objects of an app, or this share of them; default: 10, or 30 % where that is more')
            [CompletionResult]::new('--confirm-prune', '--confirm-prune', [CompletionResultType]::ParameterName, 'Confirm the deletion of a Namespace, PersistentVolume, PersistentVolumeClaim or CustomResourceDefinition by name; repeatable')
            [CompletionResult]::new('--ignore-unreadable', '--ignore-unreadable', [CompletionResultType]::ParameterName, 'Delete although this app, ApplicationSet or file cannot be read, and may want what is deleted; repeatable')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--trust-records', '--trust-records', [CompletionResultType]::ParameterName, 'Deploy an entry also where git does not confirm what it holds')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only ask the servers what would happen')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait until everything is healthy; `--timeout` says how long, default 5m')
            [CompletionResult]::new('--force-conflicts', '--force-conflicts', [CompletionResultType]::ParameterName, 'Take fields from other controllers too')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Delete objects and create them anew where a field that changed is immutable; volumes, claims, namespaces and definitions never')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Write objects over as a whole instead of applying them field by field')
            [CompletionResult]::new('--no-lock', '--no-lock', [CompletionResultType]::ParameterName, 'Write without a lock, where the account may not hold one')
            [CompletionResult]::new('--prune', '--prune', [CompletionResultType]::ParameterName, 'Delete what pushboat applied and the repository no longer has; default: what the Application''s `automated.prune` says')
            [CompletionResult]::new('--no-prune', '--no-prune', [CompletionResultType]::ParameterName, 'Delete nothing, whatever the Application says')
            [CompletionResult]::new('--allow-empty', '--allow-empty', [CompletionResultType]::ParameterName, 'Allow an app that renders to nothing to lose all its objects')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;app;delete' {
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--selector', '--selector', [CompletionResultType]::ParameterName, 'Apps whose labels match, such as `team=shop,tier!=db`')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Apps of this project; repeatable')
            [CompletionResult]::new('--revision', '--revision', [CompletionResultType]::ParameterName, 'Render this git revision instead of each app''s own')
            [CompletionResult]::new('--override-destination', '--override-destination', [CompletionResultType]::ParameterName, 'Send the one selected app to this cluster instead of the one that its Application says')
            [CompletionResult]::new('--confirm', '--confirm', [CompletionResultType]::ParameterName, 'Confirm by name a cluster that `cluster.yaml` marks with `confirm: name`, where `--yes` is not enough; repeatable')
            [CompletionResult]::new('--cascade', '--cascade', [CompletionResultType]::ParameterName, 'Delete the objects too; with `false` they stay and belong to no app any more')
            [CompletionResult]::new('--confirm-prune', '--confirm-prune', [CompletionResultType]::ParameterName, 'Confirm the deletion of a Namespace, PersistentVolume, PersistentVolumeClaim or CustomResourceDefinition by name; repeatable')
            [CompletionResult]::new('--ignore-unreadable', '--ignore-unreadable', [CompletionResultType]::ParameterName, 'Delete although this app, ApplicationSet or file cannot be read, and may want what is deleted; repeatable')
            [CompletionResult]::new('--assume-gone', '--assume-gone', [CompletionResultType]::ParameterName, 'Take it that nothing of this kind is left where it cannot be read, because it is not served or may not be listed; repeatable')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All apps of the selected clusters')
            [CompletionResult]::new('--worktree', '--worktree', [CompletionResultType]::ParameterName, 'Render the working tree for every app of this repository, whatever its targetRevision')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only show what would be deleted')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;app;unlock' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for whoever finds it')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;app;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List apps with their sync status and health')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show one app: where it comes from, where it goes, and each of its objects')
            [CompletionResult]::new('manifests', 'manifests', [CompletionResultType]::ParameterValue, 'Print what apps render to, Secrets masked')
            [CompletionResult]::new('resources', 'resources', [CompletionResultType]::ParameterValue, 'List the objects of apps with their sync status and health')
            [CompletionResult]::new('tree', 'tree', [CompletionResultType]::ParameterValue, 'Show the tree of objects: what is declared, and what belongs to it')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show how apps differ from their clusters')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Make clusters match the repository')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until apps are healthy')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show what was deployed: revision, time, who, result')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Deploy again what was deployed before')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete apps: their objects and what pushboat remembers of them')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Take an app''s lock from its holder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pushboat;app;help;list' {
            break
        }
        'pushboat;app;help;get' {
            break
        }
        'pushboat;app;help;manifests' {
            break
        }
        'pushboat;app;help;resources' {
            break
        }
        'pushboat;app;help;tree' {
            break
        }
        'pushboat;app;help;diff' {
            break
        }
        'pushboat;app;help;sync' {
            break
        }
        'pushboat;app;help;wait' {
            break
        }
        'pushboat;app;help;history' {
            break
        }
        'pushboat;app;help;rollback' {
            break
        }
        'pushboat;app;help;delete' {
            break
        }
        'pushboat;app;help;unlock' {
            break
        }
        'pushboat;app;help;help' {
            break
        }
        'pushboat;cluster' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Register the cluster of a kubeconfig context')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List clusters, asking each of them now')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show one cluster: where it is known from, whether it answers, and as whom')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Forget a cluster and remove the account that `cluster add` made in it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pushboat;cluster;add' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'What to call the cluster; default: the context''s name')
            [CompletionResult]::new('--namespace', '--namespace', [CompletionResultType]::ParameterName, 'Rights in these namespaces only, instead of the whole cluster; repeatable')
            [CompletionResult]::new('--token-duration', '--token-duration', [CompletionResultType]::ParameterName, 'A token that expires after this long and is renewed by any command, instead of one that never expires')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--no-manager', '--no-manager', [CompletionResultType]::ParameterName, 'Create nothing in the cluster: use the context''s own credentials')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Put this cluster in the place of another one that has the name')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;cluster;list' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;cluster;get' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;cluster;rm' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--keep-account', '--keep-account', [CompletionResultType]::ParameterName, 'Leave the account in the cluster, as when the cluster is gone')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;cluster;help' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Register the cluster of a kubeconfig context')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List clusters, asking each of them now')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show one cluster: where it is known from, whether it answers, and as whom')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Forget a cluster and remove the account that `cluster add` made in it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pushboat;cluster;help;add' {
            break
        }
        'pushboat;cluster;help;list' {
            break
        }
        'pushboat;cluster;help;get' {
            break
        }
        'pushboat;cluster;help;rm' {
            break
        }
        'pushboat;cluster;help;help' {
            break
        }
        'pushboat;render' {
            [CompletionResult]::new('--load-restrictor', '--load-restrictor', [CompletionResultType]::ParameterName, 'Which files a kustomization may read')
            [CompletionResult]::new('--reorder', '--reorder', [CompletionResultType]::ParameterName, 'In which order objects come; default: what the kustomization says, else legacy')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;doctor' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;completion' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;man' {
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'The gitops repository; default: found by walking up from the working directory')
            [CompletionResult]::new('--cluster', '--cluster', [CompletionResultType]::ParameterName, 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere')
            [CompletionResult]::new('--context', '--context', [CompletionResultType]::ParameterName, 'Reach the one selected cluster by this kubeconfig context')
            [CompletionResult]::new('--kubeconfig', '--kubeconfig', [CompletionResultType]::ParameterName, 'Read this kubeconfig instead of `KUBECONFIG`')
            [CompletionResult]::new('--clusters-from', '--clusters-from', [CompletionResultType]::ParameterName, 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s; repeatable. Without a namespace `argocd` is read')
            [CompletionResult]::new('--allow-address', '--allow-address', [CompletionResultType]::ParameterName, 'Let a cluster''s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable')
            [CompletionResult]::new('--allow-remote', '--allow-remote', [CompletionResultType]::ParameterName, 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How the answer is written')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When colours are used')
            [CompletionResult]::new('--parallelism', '--parallelism', [CompletionResultType]::ParameterName, 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Give up after this long, such as `90s` or `5m`')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Impersonate this user')
            [CompletionResult]::new('--as-group', '--as-group', [CompletionResultType]::ParameterName, 'Impersonate this group; repeatable')
            [CompletionResult]::new('--helm-command', '--helm-command', [CompletionResultType]::ParameterName, 'The helm program, 3 or 4; default: `helm` in `PATH`')
            [CompletionResult]::new('--no-color', '--no-color', [CompletionResultType]::ParameterName, 'The same as `--color never`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but the answer, warnings and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice for each request')
            [CompletionResult]::new('--enable-helm', '--enable-helm', [CompletionResultType]::ParameterName, 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'pushboat;help' {
            [CompletionResult]::new('app', 'app', [CompletionResultType]::ParameterValue, 'Compare apps with their clusters, sync them, roll them back')
            [CompletionResult]::new('cluster', 'cluster', [CompletionResultType]::ParameterValue, 'Register clusters, test them, forget them')
            [CompletionResult]::new('render', 'render', [CompletionResultType]::ParameterValue, 'Render a kustomize overlay')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check the machine, the repository and the clusters')
            [CompletionResult]::new('completion', 'completion', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'pushboat;help;app' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List apps with their sync status and health')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show one app: where it comes from, where it goes, and each of its objects')
            [CompletionResult]::new('manifests', 'manifests', [CompletionResultType]::ParameterValue, 'Print what apps render to, Secrets masked')
            [CompletionResult]::new('resources', 'resources', [CompletionResultType]::ParameterValue, 'List the objects of apps with their sync status and health')
            [CompletionResult]::new('tree', 'tree', [CompletionResultType]::ParameterValue, 'Show the tree of objects: what is declared, and what belongs to it')
            [CompletionResult]::new('diff', 'diff', [CompletionResultType]::ParameterValue, 'Show how apps differ from their clusters')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Make clusters match the repository')
            [CompletionResult]::new('wait', 'wait', [CompletionResultType]::ParameterValue, 'Wait until apps are healthy')
            [CompletionResult]::new('history', 'history', [CompletionResultType]::ParameterValue, 'Show what was deployed: revision, time, who, result')
            [CompletionResult]::new('rollback', 'rollback', [CompletionResultType]::ParameterValue, 'Deploy again what was deployed before')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete apps: their objects and what pushboat remembers of them')
            [CompletionResult]::new('unlock', 'unlock', [CompletionResultType]::ParameterValue, 'Take an app''s lock from its holder')
            break
        }
        'pushboat;help;app;list' {
            break
        }
        'pushboat;help;app;get' {
            break
        }
        'pushboat;help;app;manifests' {
            break
        }
        'pushboat;help;app;resources' {
            break
        }
        'pushboat;help;app;tree' {
            break
        }
        'pushboat;help;app;diff' {
            break
        }
        'pushboat;help;app;sync' {
            break
        }
        'pushboat;help;app;wait' {
            break
        }
        'pushboat;help;app;history' {
            break
        }
        'pushboat;help;app;rollback' {
            break
        }
        'pushboat;help;app;delete' {
            break
        }
        'pushboat;help;app;unlock' {
            break
        }
        'pushboat;help;cluster' {
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Register the cluster of a kubeconfig context')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List clusters, asking each of them now')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Show one cluster: where it is known from, whether it answers, and as whom')
            [CompletionResult]::new('rm', 'rm', [CompletionResultType]::ParameterValue, 'Forget a cluster and remove the account that `cluster add` made in it')
            break
        }
        'pushboat;help;cluster;add' {
            break
        }
        'pushboat;help;cluster;list' {
            break
        }
        'pushboat;help;cluster;get' {
            break
        }
        'pushboat;help;cluster;rm' {
            break
        }
        'pushboat;help;render' {
            break
        }
        'pushboat;help;doctor' {
            break
        }
        'pushboat;help;completion' {
            break
        }
        'pushboat;help;man' {
            break
        }
        'pushboat;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
