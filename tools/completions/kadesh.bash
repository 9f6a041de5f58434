# Completion of kadesh for bash: verbs and options are read from the program's own help, so that they are never stale.
_kadesh() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb= i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -C) ((i++)) ;;
        -*) ;;
        *) verb=${COMP_WORDS[i]}; break ;;
        esac
    done
    case $prev in
    -C) compopt -o dirnames; return ;;
    --key) compopt -o default; return ;;
    esac
    if [[ -z $verb ]]; then
        COMPREPLY=($(compgen -W "$(kadesh --help 2>/dev/null | sed -nE 's/^  ([a-z]+)  .*/\1/p') help -C --help --version" -- "$cur"))
    elif [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$(kadesh "$verb" --help 2>/dev/null | sed -nE 's/^  (--[a-z_-]+).*/\1/p') -C" -- "$cur"))
    elif [[ $verb == help ]]; then
        COMPREPLY=($(compgen -W "$(kadesh --help 2>/dev/null | sed -nE 's/^  ([a-z]+)  .*/\1/p')" -- "$cur"))
    else
        compopt -o default
    fi
}
complete -F _kadesh kadesh
