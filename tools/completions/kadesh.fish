# Completion of kadesh for fish: verbs and options are read from the program's own help, so that they are never stale.
function __kadesh_verbs
    kadesh --help 2>/dev/null | string replace -rf '^  ([a-z]+)  +(.*)' '$1\t$2'
end
function __kadesh_options
    set -l words (commandline -opc)
    set -l verb
    for w in $words[2..-1]
        contains -- $w (kadesh --help 2>/dev/null | string replace -rf '^  ([a-z]+)  .*' '$1'); and set verb $w; and break
    end
    test -n "$verb"; and kadesh $verb --help 2>/dev/null | string replace -rf '^  (--[a-z_-]+)( [A-Z]+)? +(.*)' '$1\t$3'
end
complete -c kadesh -n 'not __fish_seen_subcommand_from (kadesh --help 2>/dev/null | string replace -rf "^  ([a-z]+)  .*" "\$1")' -f -a '(__kadesh_verbs)'
complete -c kadesh -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__kadesh_options)'
complete -c kadesh -s C -r -a '(__fish_complete_directories)' -d "the record's folder"
