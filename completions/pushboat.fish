# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_pushboat_global_optspecs
    string join \n repo= cluster= context= kubeconfig= clusters-from= allow-address= allow-remote= o/output= color= no-color q/quiet v/verbose parallelism= timeout= as= as-group= enable-helm helm-command= h/help V/version
end

function __fish_pushboat_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_pushboat_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_pushboat_using_subcommand
    set -l cmd (__fish_pushboat_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c pushboat -n "__fish_pushboat_needs_command" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_needs_command" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_needs_command" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_needs_command" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_needs_command" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_needs_command" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_needs_command" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_needs_command" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_needs_command" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_needs_command" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_needs_command" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_needs_command" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_needs_command" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_needs_command" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_needs_command" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_needs_command" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_needs_command" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_needs_command" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_needs_command" -s V -l version -d 'Print version'
complete -c pushboat -n "__fish_pushboat_needs_command" -f -a "app" -d 'Compare apps with their clusters, sync them, roll them back'
complete -c pushboat -n "__fish_pushboat_needs_command" -f -a "cluster" -d 'Register clusters, test them, forget them'
complete -c pushboat -n "__fish_pushboat_needs_command" -f -a "render" -d 'Render a kustomize overlay'
complete -c pushboat -n "__fish_pushboat_needs_command" -f -a "doctor" -d 'Check the machine, the repository and the clusters'
complete -c pushboat -n "__fish_pushboat_needs_command" -f -a "completion" -d 'Print the completion script of a shell'
complete -c pushboat -n "__fish_pushboat_needs_command" -f -a "man" -d 'Print the manual page'
complete -c pushboat -n "__fish_pushboat_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "list" -d 'List apps with their sync status and health'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "get" -d 'Show one app: where it comes from, where it goes, and each of its objects'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "manifests" -d 'Print what apps render to, Secrets masked'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "resources" -d 'List the objects of apps with their sync status and health'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "tree" -d 'Show the tree of objects: what is declared, and what belongs to it'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "diff" -d 'Show how apps differ from their clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "sync" -d 'Make clusters match the repository'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "wait" -d 'Wait until apps are healthy'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "history" -d 'Show what was deployed: revision, time, who, result'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "rollback" -d 'Deploy again what was deployed before'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "delete" -d 'Delete apps: their objects and what pushboat remembers of them'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "unlock" -d 'Take an app\'s lock from its holder'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and not __fish_seen_subcommand_from list get manifests resources tree diff sync wait history rollback delete unlock help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -s l -l selector -d 'Apps whose labels match, such as `team=shop,tier!=db`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l project -d 'Apps of this project; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l revision -d 'Render this git revision instead of each app\'s own' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l override-destination -d 'Send the one selected app to this cluster instead of the one that its Application says' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l all -d 'All apps of the selected clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l worktree -d 'Render the working tree for every app of this repository, whatever its targetRevision'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l orphaned -d 'Only apps that no file declares any more, by the records that they left in the clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -s l -l selector -d 'Apps whose labels match, such as `team=shop,tier!=db`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l project -d 'Apps of this project; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l revision -d 'Render this git revision instead of each app\'s own' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l override-destination -d 'Send the one selected app to this cluster instead of the one that its Application says' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l all -d 'All apps of the selected clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l worktree -d 'Render the working tree for every app of this repository, whatever its targetRevision'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -s l -l selector -d 'Apps whose labels match, such as `team=shop,tier!=db`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l project -d 'Apps of this project; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l revision -d 'Render this git revision instead of each app\'s own' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l override-destination -d 'Send the one selected app to this cluster instead of the one that its Application says' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l all -d 'All apps of the selected clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l worktree -d 'Render the working tree for every app of this repository, whatever its targetRevision'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from manifests" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -s l -l selector -d 'Apps whose labels match, such as `team=shop,tier!=db`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l project -d 'Apps of this project; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l revision -d 'Render this git revision instead of each app\'s own' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l override-destination -d 'Send the one selected app to this cluster instead of the one that its Application says' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l all -d 'All apps of the selected clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l worktree -d 'Render the working tree for every app of this repository, whatever its targetRevision'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from resources" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -s l -l selector -d 'Apps whose labels match, such as `team=shop,tier!=db`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l project -d 'Apps of this project; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l revision -d 'Render this git revision instead of each app\'s own' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l override-destination -d 'Send the one selected app to this cluster instead of the one that its Application says' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l all -d 'All apps of the selected clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l worktree -d 'Render the working tree for every app of this repository, whatever its targetRevision'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from tree" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -s l -l selector -d 'Apps whose labels match, such as `team=shop,tier!=db`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l project -d 'Apps of this project; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l revision -d 'Render this git revision instead of each app\'s own' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l override-destination -d 'Send the one selected app to this cluster instead of the one that its Application says' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l assume-gone -d 'Take it that nothing of this kind is left where it cannot be read, because it is not served or may not be listed; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l format -d 'How changes are shown' -r -f -a "path\t'One line a field'
unified\t'One unified YAML diff an object'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l all -d 'All apps of the selected clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l worktree -d 'Render the working tree for every app of this repository, whatever its targetRevision'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l exact -d 'Ask the server about every object, not only about those that ownership records leave open'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l exit-zero -d 'End with 0 also when there is drift'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -s l -l selector -d 'Apps whose labels match, such as `team=shop,tier!=db`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l project -d 'Apps of this project; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l revision -d 'Render this git revision instead of each app\'s own' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l override-destination -d 'Send the one selected app to this cluster instead of the one that its Application says' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l confirm -d 'Confirm by name a cluster that `cluster.yaml` marks with `confirm: name`, where `--yes` is not enough; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l lock-timeout -d 'How long to wait for another sync of the same app, default 60s' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l max-prune -d 'Delete at most this many objects of an app, or this share of them; default: 10, or 30 % where that is more' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l confirm-prune -d 'Confirm the deletion of a Namespace, PersistentVolume, PersistentVolumeClaim or CustomResourceDefinition by name; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l ignore-unreadable -d 'Delete although this app, ApplicationSet or file cannot be read, and may want what is deleted; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l assume-gone -d 'Take it that nothing of this kind is left where it cannot be read, because it is not served or may not be listed; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l all -d 'All apps of the selected clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l worktree -d 'Render the working tree for every app of this repository, whatever its targetRevision'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -s y -l yes -d 'Do not ask'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l dry-run -d 'Only ask the servers what would happen'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l wait -d 'Wait until everything is healthy; `--timeout` says how long, default 5m'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l force-conflicts -d 'Take fields from other controllers too'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l force -d 'Delete objects and create them anew where a field that changed is immutable; volumes, claims, namespaces and definitions never'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l replace -d 'Write objects over as a whole instead of applying them field by field'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l no-lock -d 'Write without a lock, where the account may not hold one'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l prune -d 'Delete what pushboat applied and the repository no longer has; default: what the Application\'s `automated.prune` says'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l no-prune -d 'Delete nothing, whatever the Application says'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l allow-empty -d 'Allow an app that renders to nothing to lose all its objects'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l exact -d 'Ask the server about every object, not only about those that ownership records leave open'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l adopt -d 'Take over records and objects of another repository, app or tool'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l undo-rollback -d 'Sync although this very content was rolled back'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l allow-older -d 'Go back to an older commit than the one that is deployed'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -s l -l selector -d 'Apps whose labels match, such as `team=shop,tier!=db`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l project -d 'Apps of this project; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l revision -d 'Render this git revision instead of each app\'s own' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l override-destination -d 'Send the one selected app to this cluster instead of the one that its Application says' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l all -d 'All apps of the selected clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l worktree -d 'Render the working tree for every app of this repository, whatever its targetRevision'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l sync -d 'They must be in sync too'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from wait" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -s l -l selector -d 'Apps whose labels match, such as `team=shop,tier!=db`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l project -d 'Apps of this project; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l revision -d 'Render this git revision instead of each app\'s own' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l override-destination -d 'Send the one selected app to this cluster instead of the one that its Application says' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l all -d 'All apps of the selected clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l worktree -d 'Render the working tree for every app of this repository, whatever its targetRevision'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from history" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l override-destination -d 'Send the one selected app to this cluster instead of the one that its Application says' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l confirm -d 'Confirm by name a cluster that `cluster.yaml` marks with `confirm: name`, where `--yes` is not enough; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l lock-timeout -d 'How long to wait for another sync of the same app, default 60s' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l max-prune -d 'Delete at most this many objects of an app, or this share of them; default: 10, or 30 % where that is more' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l confirm-prune -d 'Confirm the deletion of a Namespace, PersistentVolume, PersistentVolumeClaim or CustomResourceDefinition by name; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l ignore-unreadable -d 'Delete although this app, ApplicationSet or file cannot be read, and may want what is deleted; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l trust-records -d 'Deploy an entry also where git does not confirm what it holds'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -s y -l yes -d 'Do not ask'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l dry-run -d 'Only ask the servers what would happen'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l wait -d 'Wait until everything is healthy; `--timeout` says how long, default 5m'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l force-conflicts -d 'Take fields from other controllers too'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l force -d 'Delete objects and create them anew where a field that changed is immutable; volumes, claims, namespaces and definitions never'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l replace -d 'Write objects over as a whole instead of applying them field by field'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l no-lock -d 'Write without a lock, where the account may not hold one'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l prune -d 'Delete what pushboat applied and the repository no longer has; default: what the Application\'s `automated.prune` says'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l no-prune -d 'Delete nothing, whatever the Application says'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l allow-empty -d 'Allow an app that renders to nothing to lose all its objects'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from rollback" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -s l -l selector -d 'Apps whose labels match, such as `team=shop,tier!=db`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l project -d 'Apps of this project; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l revision -d 'Render this git revision instead of each app\'s own' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l override-destination -d 'Send the one selected app to this cluster instead of the one that its Application says' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l confirm -d 'Confirm by name a cluster that `cluster.yaml` marks with `confirm: name`, where `--yes` is not enough; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l cascade -d 'Delete the objects too; with `false` they stay and belong to no app any more' -r -f -a "true\t''
false\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l confirm-prune -d 'Confirm the deletion of a Namespace, PersistentVolume, PersistentVolumeClaim or CustomResourceDefinition by name; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l ignore-unreadable -d 'Delete although this app, ApplicationSet or file cannot be read, and may want what is deleted; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l assume-gone -d 'Take it that nothing of this kind is left where it cannot be read, because it is not served or may not be listed; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l all -d 'All apps of the selected clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l worktree -d 'Render the working tree for every app of this repository, whatever its targetRevision'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Do not ask'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l dry-run -d 'Only show what would be deleted'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l reason -d 'Why, for whoever finds it' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -s y -l yes -d 'Do not ask'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from unlock" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "list" -d 'List apps with their sync status and health'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "get" -d 'Show one app: where it comes from, where it goes, and each of its objects'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "manifests" -d 'Print what apps render to, Secrets masked'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "resources" -d 'List the objects of apps with their sync status and health'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "tree" -d 'Show the tree of objects: what is declared, and what belongs to it'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "diff" -d 'Show how apps differ from their clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "sync" -d 'Make clusters match the repository'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "wait" -d 'Wait until apps are healthy'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "history" -d 'Show what was deployed: revision, time, who, result'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "rollback" -d 'Deploy again what was deployed before'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete apps: their objects and what pushboat remembers of them'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "unlock" -d 'Take an app\'s lock from its holder'
complete -c pushboat -n "__fish_pushboat_using_subcommand app; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -f -a "add" -d 'Register the cluster of a kubeconfig context'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -f -a "list" -d 'List clusters, asking each of them now'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -f -a "get" -d 'Show one cluster: where it is known from, whether it answers, and as whom'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -f -a "rm" -d 'Forget a cluster and remove the account that `cluster add` made in it'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and not __fish_seen_subcommand_from add list get rm help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l name -d 'What to call the cluster; default: the context\'s name' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l namespace -d 'Rights in these namespaces only, instead of the whole cluster; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l token-duration -d 'A token that expires after this long and is renewed by any command, instead of one that never expires' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l no-manager -d 'Create nothing in the cluster: use the context\'s own credentials'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l replace -d 'Put this cluster in the place of another one that has the name'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -s y -l yes -d 'Do not ask'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l keep-account -d 'Leave the account in the cluster, as when the cluster is gone'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -s y -l yes -d 'Do not ask'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from help" -f -a "add" -d 'Register the cluster of a kubeconfig context'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from help" -f -a "list" -d 'List clusters, asking each of them now'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from help" -f -a "get" -d 'Show one cluster: where it is known from, whether it answers, and as whom'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Forget a cluster and remove the account that `cluster add` made in it'
complete -c pushboat -n "__fish_pushboat_using_subcommand cluster; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l load-restrictor -d 'Which files a kustomization may read' -r -f -a "root-only\t'Files in or below the folder of the kustomization that names them'
none\t'Any file of the repository'"
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l reorder -d 'In which order objects come; default: what the kustomization says, else legacy' -r -f -a "none\t'As accumulated'
legacy\t'Namespaces and definitions first, webhooks last'"
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand render" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l repo -d 'The gitops repository; default: found by walking up from the working directory' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l cluster -d 'Only apps that go to these clusters; repeatable, with `*` and `?`. It sends no app elsewhere' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l context -d 'Reach the one selected cluster by this kubeconfig context' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l kubeconfig -d 'Read this kubeconfig instead of `KUBECONFIG`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l clusters-from -d 'Also know the clusters whose Secrets this management cluster holds: Argo CD\'s, Cluster API\'s, Crossplane\'s; repeatable. Without a namespace `argocd` is read' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l allow-address -d 'Let a cluster\'s `cluster.yaml` give this server, proxy or TLS server name where the kubeconfig says another; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l allow-remote -d 'Read kustomize bases and files below this `https://` address too; repeatable. Nothing remote is read without' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -s o -l output -d 'How the answer is written' -r -f -a "text\t'For people'
wide\t'For people, with more columns'
json\t'One stable JSON document'
yaml\t'The same document as YAML'
name\t'One name a line'"
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l color -d 'When colours are used' -r -f -a "auto\t''
always\t''
never\t''"
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l parallelism -d 'How many apps are worked on at once, shared evenly between clusters, each of which has one place at least' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l timeout -d 'Give up after this long, such as `90s` or `5m`' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l as -d 'Impersonate this user' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l as-group -d 'Impersonate this group; repeatable' -r
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l helm-command -d 'The helm program, 3 or 4; default: `helm` in `PATH`' -r -F
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l no-color -d 'The same as `--color never`'
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -s q -l quiet -d 'Say nothing but the answer, warnings and errors'
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -s v -l verbose -d 'Say more; twice for each request'
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -l enable-helm -d 'Let the helm program inflate the charts that a kustomization names; no repository can switch it on'
complete -c pushboat -n "__fish_pushboat_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and not __fish_seen_subcommand_from app cluster render doctor completion man help" -f -a "app" -d 'Compare apps with their clusters, sync them, roll them back'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and not __fish_seen_subcommand_from app cluster render doctor completion man help" -f -a "cluster" -d 'Register clusters, test them, forget them'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and not __fish_seen_subcommand_from app cluster render doctor completion man help" -f -a "render" -d 'Render a kustomize overlay'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and not __fish_seen_subcommand_from app cluster render doctor completion man help" -f -a "doctor" -d 'Check the machine, the repository and the clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and not __fish_seen_subcommand_from app cluster render doctor completion man help" -f -a "completion" -d 'Print the completion script of a shell'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and not __fish_seen_subcommand_from app cluster render doctor completion man help" -f -a "man" -d 'Print the manual page'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and not __fish_seen_subcommand_from app cluster render doctor completion man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "list" -d 'List apps with their sync status and health'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "get" -d 'Show one app: where it comes from, where it goes, and each of its objects'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "manifests" -d 'Print what apps render to, Secrets masked'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "resources" -d 'List the objects of apps with their sync status and health'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "tree" -d 'Show the tree of objects: what is declared, and what belongs to it'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "diff" -d 'Show how apps differ from their clusters'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "sync" -d 'Make clusters match the repository'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "wait" -d 'Wait until apps are healthy'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "history" -d 'Show what was deployed: revision, time, who, result'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "rollback" -d 'Deploy again what was deployed before'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "delete" -d 'Delete apps: their objects and what pushboat remembers of them'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from app" -f -a "unlock" -d 'Take an app\'s lock from its holder'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from cluster" -f -a "add" -d 'Register the cluster of a kubeconfig context'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from cluster" -f -a "list" -d 'List clusters, asking each of them now'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from cluster" -f -a "get" -d 'Show one cluster: where it is known from, whether it answers, and as whom'
complete -c pushboat -n "__fish_pushboat_using_subcommand help; and __fish_seen_subcommand_from cluster" -f -a "rm" -d 'Forget a cluster and remove the account that `cluster add` made in it'
