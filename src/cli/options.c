/* options.c: the command line into a kd_call, and what verbs ask of it. */
#include "cli/cli.h"
#include <kadesh/store.h>
#include <string.h>

static const kd_option json_option = KD_OPTION_JSON;

static bool names_option(const kd_verb *verb, kd_str name, const char *option) {
    if (kd_str_is(name, option)) return true;
    if (!verb->one_dash || strlen(option) != name.n) return false;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] != option[i] && !(name.p[i] == '-' && option[i] == '_')) return false;
    }
    return true;
}

static const kd_option *find_option(const kd_verb *verb, kd_str name) {
    for (const kd_option *o = verb->options; o && o->name; o++) {
        if (names_option(verb, name, o->name)) return o;
    }
    return NULL;
}

/* What a usage error adds: where to read on. */
static const char *verb_label(const kd_verb *verb) {
    return *verb->name ? verb->name : "(no verb)";
}

static kd_status unknown_option(kd_call *call, const char *met, kd_str name) {
    kd_str names[64];
    size_t count = 0;
    names[count++] = KD_STR("help");
    for (const kd_option *o = call->verb->options; o && o->name && count < 64; o++)
        names[count++] = kd_str_of(o->name);
    int near = kd_str_nearest(name, names, count);
    if (near >= 0) {
        return kd_fail(&call->error, KD_USAGE, "unknown_option", "%s has no option %s; did you mean --%.*s?",
                       verb_label(call->verb), met, KD_STR_ARGS(names[near]));
    }
    return kd_fail(&call->error, KD_USAGE, "unknown_option",
                   "%s has no option %s; `kadesh%s%s --help` lists them", verb_label(call->verb), met,
                   *call->verb->name ? " " : "", call->verb->name);
}

static kd_status add_given(kd_call *call, const kd_option *option, const char *value) {
    for (size_t i = 0; !option->repeats && i < call->given_count; i++) {
        if (call->given[i].option == option)
            return kd_fail(&call->error, KD_USAGE, "repeated_option", "--%s is given twice", option->name);
    }
    call->given[call->given_count++] = (kd_given){option, value};
    if (option->name == json_option.name || strcmp(option->name, json_option.name) == 0) call->json = true;
    return KD_OK;
}

/* One `--name`, `--name=value` or `--name value`, or the same with one dash; *i moves past what was eaten. */
static kd_status take_long(kd_call *call, int argc, char **argv, int *i) {
    const char *met = argv[*i];
    const char *equals = strchr(met, '=');
    const char *begin = met + (met[1] == '-' ? 2 : 1);
    kd_str name = {begin, equals ? (size_t)(equals - begin) : strlen(begin)};
    const kd_option *option = find_option(call->verb, name);
    if (!option) return unknown_option(call, met, name);
    if (!option->value) {
        if (equals)
            return kd_fail(&call->error, KD_USAGE, "option_value", "--%s takes no value", option->name);
        return add_given(call, option, NULL);
    }
    if (equals) return add_given(call, option, equals + 1);
    if (*i + 1 >= argc) {
        return kd_fail(&call->error, KD_USAGE, "option_value", "--%s wants a value: --%s %s", option->name,
                       option->name, option->value);
    }
    return add_given(call, option, argv[++*i]);
}

/* -C may stand before the verb and after it; the last one counts, from where the program was started. */
static bool take_folder(kd_call *call, int argc, char **argv, int *i, kd_status *s) {
    const char *met = argv[*i];
    if (met[0] != '-' || met[1] != 'C') return false;
    *s = KD_OK;
    if (met[2]) {
        call->folder = met + 2;
    } else if (*i + 1 < argc && *argv[*i + 1]) {
        call->folder = argv[++*i];
    } else {
        *s = kd_fail(&call->error, KD_USAGE, "option_value", "-C wants the record's folder: -C DIR");
    }
    return true;
}

static kd_status find_verb(kd_call *call, const char *met) {
    call->verb = kd_verb_find(kd_str_of(met));
    if (call->verb) return KD_OK;
    kd_str names[64];
    size_t count = 0;
    for (const kd_verb *const *v = kd_verbs; *v && count < 64; v++) names[count++] = kd_str_of((*v)->name);
    int near = kd_str_nearest(kd_str_of(met), names, count);
    if (near >= 0) {
        return kd_fail(&call->error, KD_USAGE, "unknown_verb", "there is no verb `%s`; did you mean `%.*s`?",
                       met, KD_STR_ARGS(names[near]));
    }
    return kd_fail(&call->error, KD_USAGE, "unknown_verb",
                   "there is no verb `%s`; `kadesh --help` lists them", met);
}

static kd_status check_arguments(kd_call *call) {
    const kd_verb *verb = call->verb;
    if (call->argument_count < verb->least) {
        return kd_fail(&call->error, KD_USAGE, "missing_argument", "%s wants more: kadesh %s %s",
                       verb_label(verb), verb->name, verb->arguments);
    }
    if (call->argument_count > verb->most) {
        return kd_fail(&call->error, KD_USAGE, "extra_argument", "%s does not take `%s`", verb_label(verb),
                       call->arguments[verb->most]);
    }
    return KD_OK;
}

/* A verb stands first, after -C at most; what begins with `-` there belongs to the verb that is none. */
static kd_status take_verb(kd_call *call, int argc, char **argv, int *i) {
    kd_status s = KD_OK;
    call->verb = &kd_verb_none;
    for (; *i < argc && s == KD_OK; ++*i) {
        if (take_folder(call, argc, argv, i, &s)) continue;
        if (argv[*i][0] == '-') break;
        s = find_verb(call, argv[*i]);
        ++*i;
        break;
    }
    return s;
}

kd_status kd_call_parse(kd_call *call, int argc, char **argv, bool *help) {
    *help = false;
    call->folder = ".";
    call->arguments = kd_arena_array(call->arena, (size_t)argc + 1, sizeof *call->arguments);
    call->given = kd_arena_array(call->arena, (size_t)argc + 1, sizeof *call->given);
    if (!call->arguments || !call->given) return kd_fail_nomem(&call->error);
    int i = 1;
    kd_status s = take_verb(call, argc, argv, &i);
    bool all_arguments = false;
    for (; i < argc && s == KD_OK; i++) {
        if (all_arguments || argv[i][0] != '-' || !argv[i][1]) {
            call->arguments[call->argument_count++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            all_arguments = true;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0 ||
                   (call->verb->one_dash && strcmp(argv[i], "-help") == 0)) {
            *help = true;
            return KD_OK;
        } else if (take_folder(call, argc, argv, &i, &s)) {
            continue;
        } else if (argv[i][1] == '-' || call->verb->one_dash) {
            s = take_long(call, argc, argv, &i);
        } else {
            s = unknown_option(call, argv[i], kd_str_of(argv[i] + 1));
        }
    }
    return s ? s : check_arguments(call);
}

bool kd_call_has(const kd_call *call, const char *option) {
    return kd_call_count(call, option) > 0;
}

size_t kd_call_count(const kd_call *call, const char *option) {
    size_t count = 0;
    for (size_t i = 0; i < call->given_count; i++) count += strcmp(call->given[i].option->name, option) == 0;
    return count;
}

const char *kd_call_nth(const kd_call *call, const char *option, size_t nth) {
    for (size_t i = 0; i < call->given_count; i++) {
        if (strcmp(call->given[i].option->name, option) == 0 && nth-- == 0) return call->given[i].value;
    }
    return NULL;
}

const char *kd_call_value(const kd_call *call, const char *option) {
    size_t count = kd_call_count(call, option);
    return count ? kd_call_nth(call, option, count - 1) : NULL;
}

kd_status kd_call_day(kd_call *call, const char *option, kd_day otherwise, kd_day *out) {
    const char *value = kd_call_value(call, option);
    *out = otherwise;
    if (!value || kd_day_parse(kd_str_of(value), out)) return KD_OK;
    return kd_fail(&call->error, KD_USAGE, "bad_day",
                   "--%s wants a day of the calendar as 2023-03-20, not `%s`", option, value);
}

kd_status kd_call_days(kd_call *call, kd_day *on, kd_day *as_known) {
    kd_status s = kd_call_day(call, "on", kd_instant_day(kd_clock_now()), on);
    return s ? s : kd_call_day(call, "as-known", *on, as_known);
}

kd_status kd_call_number(kd_call *call, const char *option, int64_t otherwise, int64_t least, int64_t most,
                         int64_t *out) {
    const char *value = kd_call_value(call, option);
    *out = otherwise;
    if (!value) return KD_OK;
    if (kd_decimal(kd_str_of(value), out) && *out >= least && *out <= most) return KD_OK;
    return kd_fail(&call->error, KD_USAGE, "bad_number",
                   "--%s wants a whole number from %lld to %lld, not `%s`", option, (long long)least,
                   (long long)most, value);
}

kd_status kd_call_unknown(kd_call *call, const char *what, kd_str met, const kd_str *names, size_t count) {
    int near = kd_str_nearest(met, names, count);
    if (near >= 0) {
        return kd_fail(&call->error, KD_USAGE, "unknown_name", "there is no %s `%.*s`; did you mean `%.*s`?",
                       what, KD_STR_ARGS(met), KD_STR_ARGS(names[near]));
    }
    kd_text known;
    kd_text_open(&known, call->from);
    for (size_t i = 0; i < count && i < 12; i++)
        kd_text_printf(&known, "%s%.*s", i ? ", " : "", KD_STR_ARGS(names[i]));
    if (count > 12) kd_text_puts(&known, ", ...");
    kd_status s = kd_fail(&call->error, KD_USAGE, "unknown_name", "there is no %s `%.*s`; there is: %s", what,
                          KD_STR_ARGS(met), known.p ? known.p : "none");
    kd_text_close(&known);
    return s;
}
