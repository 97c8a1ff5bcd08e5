
use builtin;
use str;

set edit:completion:arg-completer[pushboat] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'pushboat'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'pushboat'= {
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand app 'Compare apps with their clusters, sync them, roll them back'
            cand cluster 'Register clusters, test them, forget them'
            cand render 'Render a kustomize overlay'
            cand doctor 'Check the machine, the repository and the clusters'
            cand completion 'Print the completion script of a shell'
            cand man 'Print the manual page'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pushboat;app'= {
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand list 'List apps with their sync status and health'
            cand get 'Show one app: where it comes from, where it goes, and each of its objects'
            cand manifests 'Print what apps render to, Secrets masked'
            cand resources 'List the objects of apps with their sync status and health'
            cand tree 'Show the tree of objects: what is declared, and what belongs to it'
            cand diff 'Show how apps differ from their clusters'
            cand sync 'Make clusters match the repository'
            cand wait 'Wait until apps are healthy'
            cand history 'Show what was deployed: revision, time, who, result'
            cand rollback 'Deploy again what was deployed before'
            cand delete 'Delete apps: their objects and what pushboat remembers of them'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pushboat;app;list'= {
            cand -l 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --selector 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --project 'Apps of this project; repeatable'
            cand --revision 'Render this git revision instead of each app''s own'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --all 'All apps of the selected clusters'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;app;get'= {
            cand -l 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --selector 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --project 'Apps of this project; repeatable'
            cand --revision 'Render this git revision instead of each app''s own'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --all 'All apps of the selected clusters'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;app;manifests'= {
            cand -l 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --selector 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --project 'Apps of this project; repeatable'
            cand --revision 'Render this git revision instead of each app''s own'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --all 'All apps of the selected clusters'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;app;resources'= {
            cand -l 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --selector 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --project 'Apps of this project; repeatable'
            cand --revision 'Render this git revision instead of each app''s own'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --all 'All apps of the selected clusters'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;app;tree'= {
            cand -l 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --selector 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --project 'Apps of this project; repeatable'
            cand --revision 'Render this git revision instead of each app''s own'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --all 'All apps of the selected clusters'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;app;diff'= {
            cand -l 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --selector 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --project 'Apps of this project; repeatable'
            cand --revision 'Render this git revision instead of each app''s own'
            cand --format 'How changes are shown'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --all 'All apps of the selected clusters'
            cand --exact 'Ask the server about every object, not only about those that ownership records leave open'
            cand --exit-zero 'End with 0 also when there is drift'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;app;sync'= {
            cand -l 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --selector 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --project 'Apps of this project; repeatable'
            cand --revision 'Render this git revision instead of each app''s own'
            cand --lock-timeout 'How long to wait for another sync of the same app, default 60s'
            cand --max-prune 'Delete at most this many objects of an app, or this share of them; default: 10, or 30 % where that is more'
            cand --confirm-prune 'Confirm the deletion of a Namespace, PersistentVolume, PersistentVolumeClaim or CustomResourceDefinition by name; repeatable'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --all 'All apps of the selected clusters'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --dry-run 'Only ask the servers what would happen'
            cand --wait 'Wait until everything is healthy; `--timeout` says how long, default 5m'
            cand --force-conflicts 'Take fields from other controllers too'
            cand --no-lock 'Write without a lock, where the account may not hold one'
            cand --prune 'Delete what pushboat applied and the repository no longer has; default: what the Application''s `automated.prune` says'
            cand --no-prune 'Delete nothing, whatever the Application says'
            cand --allow-empty 'Allow an app that renders to nothing to lose all its objects'
            cand --exact 'Ask the server about every object, not only about those that ownership records leave open'
            cand --adopt 'Take over records and objects of another repository, app or tool'
            cand --undo-rollback 'Sync although this very content was rolled back'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;app;wait'= {
            cand -l 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --selector 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --project 'Apps of this project; repeatable'
            cand --revision 'Render this git revision instead of each app''s own'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --all 'All apps of the selected clusters'
            cand --sync 'They must be in sync too'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;app;history'= {
            cand -l 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --selector 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --project 'Apps of this project; repeatable'
            cand --revision 'Render this git revision instead of each app''s own'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --all 'All apps of the selected clusters'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;app;rollback'= {
            cand --lock-timeout 'How long to wait for another sync of the same app, default 60s'
            cand --max-prune 'Delete at most this many objects of an app, or this share of them; default: 10, or 30 % where that is more'
            cand --confirm-prune 'Confirm the deletion of a Namespace, PersistentVolume, PersistentVolumeClaim or CustomResourceDefinition by name; repeatable'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --dry-run 'Only ask the servers what would happen'
            cand --wait 'Wait until everything is healthy; `--timeout` says how long, default 5m'
            cand --force-conflicts 'Take fields from other controllers too'
            cand --no-lock 'Write without a lock, where the account may not hold one'
            cand --prune 'Delete what pushboat applied and the repository no longer has; default: what the Application''s `automated.prune` says'
            cand --no-prune 'Delete nothing, whatever the Application says'
            cand --allow-empty 'Allow an app that renders to nothing to lose all its objects'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;app;delete'= {
            cand -l 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --selector 'Apps whose labels match, such as `team=shop,tier!=db`'
            cand --project 'Apps of this project; repeatable'
            cand --revision 'Render this git revision instead of each app''s own'
            cand --cascade 'Delete the objects too; with `false` they stay and belong to no app any more'
            cand --confirm-prune 'Confirm the deletion of a Namespace, PersistentVolume, PersistentVolumeClaim or CustomResourceDefinition by name; repeatable'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --all 'All apps of the selected clusters'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --dry-run 'Only show what would be deleted'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;app;help'= {
            cand list 'List apps with their sync status and health'
            cand get 'Show one app: where it comes from, where it goes, and each of its objects'
            cand manifests 'Print what apps render to, Secrets masked'
            cand resources 'List the objects of apps with their sync status and health'
            cand tree 'Show the tree of objects: what is declared, and what belongs to it'
            cand diff 'Show how apps differ from their clusters'
            cand sync 'Make clusters match the repository'
            cand wait 'Wait until apps are healthy'
            cand history 'Show what was deployed: revision, time, who, result'
            cand rollback 'Deploy again what was deployed before'
            cand delete 'Delete apps: their objects and what pushboat remembers of them'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pushboat;app;help;list'= {
        }
        &'pushboat;app;help;get'= {
        }
        &'pushboat;app;help;manifests'= {
        }
        &'pushboat;app;help;resources'= {
        }
        &'pushboat;app;help;tree'= {
        }
        &'pushboat;app;help;diff'= {
        }
        &'pushboat;app;help;sync'= {
        }
        &'pushboat;app;help;wait'= {
        }
        &'pushboat;app;help;history'= {
        }
        &'pushboat;app;help;rollback'= {
        }
        &'pushboat;app;help;delete'= {
        }
        &'pushboat;app;help;help'= {
        }
        &'pushboat;cluster'= {
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand add 'Register the cluster of a kubeconfig context'
            cand list 'List clusters, asking each of them now'
            cand get 'Show one cluster: where it is known from, whether it answers, and as whom'
            cand rm 'Forget a cluster and remove the account that `cluster add` made in it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pushboat;cluster;add'= {
            cand --name 'What to call the cluster; default: the context''s name'
            cand --namespace 'Rights in these namespaces only, instead of the whole cluster; repeatable'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --no-manager 'Create nothing in the cluster: use the context''s own credentials'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;cluster;list'= {
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;cluster;get'= {
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;cluster;rm'= {
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --keep-account 'Leave the account in the cluster, as when the cluster is gone'
            cand -y 'Do not ask'
            cand --yes 'Do not ask'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;cluster;help'= {
            cand add 'Register the cluster of a kubeconfig context'
            cand list 'List clusters, asking each of them now'
            cand get 'Show one cluster: where it is known from, whether it answers, and as whom'
            cand rm 'Forget a cluster and remove the account that `cluster add` made in it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pushboat;cluster;help;add'= {
        }
        &'pushboat;cluster;help;list'= {
        }
        &'pushboat;cluster;help;get'= {
        }
        &'pushboat;cluster;help;rm'= {
        }
        &'pushboat;cluster;help;help'= {
        }
        &'pushboat;render'= {
            cand --load-restrictor 'Which files a kustomization may read'
            cand --reorder 'In which order objects come; default: what the kustomization says, else legacy'
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;doctor'= {
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;completion'= {
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;man'= {
            cand --repo 'The gitops repository; default: found by walking up from the working directory'
            cand --cluster 'Only these clusters; repeatable, with `*` and `?`'
            cand --context 'Use this kubeconfig context for the one selected cluster'
            cand --kubeconfig 'Read this kubeconfig instead of `KUBECONFIG`'
            cand --clusters-from 'Also know the clusters whose Secrets this management cluster holds: Argo CD''s, Cluster API''s, Crossplane''s'
            cand -o 'How the answer is written'
            cand --output 'How the answer is written'
            cand --color 'When colours are used'
            cand --parallelism 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least'
            cand --timeout 'Give up after this long, such as `90s` or `5m`'
            cand --as 'Impersonate this user'
            cand --as-group 'Impersonate this group; repeatable'
            cand --no-color 'The same as `--color never`'
            cand -q 'Say nothing but the answer, warnings and errors'
            cand --quiet 'Say nothing but the answer, warnings and errors'
            cand -v 'Say more; twice for each request'
            cand --verbose 'Say more; twice for each request'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'pushboat;help'= {
            cand app 'Compare apps with their clusters, sync them, roll them back'
            cand cluster 'Register clusters, test them, forget them'
            cand render 'Render a kustomize overlay'
            cand doctor 'Check the machine, the repository and the clusters'
            cand completion 'Print the completion script of a shell'
            cand man 'Print the manual page'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'pushboat;help;app'= {
            cand list 'List apps with their sync status and health'
            cand get 'Show one app: where it comes from, where it goes, and each of its objects'
            cand manifests 'Print what apps render to, Secrets masked'
            cand resources 'List the objects of apps with their sync status and health'
            cand tree 'Show the tree of objects: what is declared, and what belongs to it'
            cand diff 'Show how apps differ from their clusters'
            cand sync 'Make clusters match the repository'
            cand wait 'Wait until apps are healthy'
            cand history 'Show what was deployed: revision, time, who, result'
            cand rollback 'Deploy again what was deployed before'
            cand delete 'Delete apps: their objects and what pushboat remembers of them'
        }
        &'pushboat;help;app;list'= {
        }
        &'pushboat;help;app;get'= {
        }
        &'pushboat;help;app;manifests'= {
        }
        &'pushboat;help;app;resources'= {
        }
        &'pushboat;help;app;tree'= {
        }
        &'pushboat;help;app;diff'= {
        }
        &'pushboat;help;app;sync'= {
        }
        &'pushboat;help;app;wait'= {
        }
        &'pushboat;help;app;history'= {
        }
        &'pushboat;help;app;rollback'= {
        }
        &'pushboat;help;app;delete'= {
        }
        &'pushboat;help;cluster'= {
            cand add 'Register the cluster of a kubeconfig context'
            cand list 'List clusters, asking each of them now'
            cand get 'Show one cluster: where it is known from, whether it answers, and as whom'
            cand rm 'Forget a cluster and remove the account that `cluster add` made in it'
        }
        &'pushboat;help;cluster;add'= {
        }
        &'pushboat;help;cluster;list'= {
        }
        &'pushboat;help;cluster;get'= {
        }
        &'pushboat;help;cluster;rm'= {
        }
        &'pushboat;help;render'= {
        }
        &'pushboat;help;doctor'= {
        }
        &'pushboat;help;completion'= {
        }
        &'pushboat;help;man'= {
        }
        &'pushboat;help;help'= {
        }
    ]
    $completions[$command]
}
