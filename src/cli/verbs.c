/* verbs.c: the table of verbs, and the help pages that are made of it. */
#include "cli/cli.h"
#include <string.h>

const kd_verb *const kd_verbs[] = {
    &kd_verb_check,  &kd_verb_test,   &kd_verb_verify,  &kd_verb_log,     &kd_verb_show,
    &kd_verb_notify, &kd_verb_status, &kd_verb_due,     &kd_verb_why,     &kd_verb_brief,
    &kd_verb_keygen, &kd_verb_init,   &kd_verb_rebuild, &kd_verb_monitor, NULL,
};

const kd_verb *kd_verb_find(kd_str name) {
    for (const kd_verb *const *v = kd_verbs; *v; v++) {
        if (kd_str_is(name, (*v)->name)) return *v;
    }
    return NULL;
}

static void put_padded(kd_text *out, const char *text, size_t width) {
    size_t n = strlen(text);
    kd_text_puts(out, text);
    kd_text_repeat(out, ' ', n < width ? width - n : 1);
}

static void put_options(kd_text *out, const kd_verb *verb) {
    enum { OPTION_COLUMNS = 20 };
    kd_text_puts(out, "\nOptions:\n");
    kd_text_puts(out, "  -C DIR              the record's folder (default: the current one)\n");
    for (const kd_option *o = verb->options; o && o->name; o++) {
        size_t n = strlen(o->name);
        kd_text_puts(out, "  --");
        kd_text_puts(out, o->name);
        if (o->value) {
            kd_text_putc(out, ' ');
            kd_text_puts(out, o->value);
            n += 1 + strlen(o->value);
        }
        kd_text_repeat(out, ' ', n + 2 < OPTION_COLUMNS ? OPTION_COLUMNS - n - 2 : 1);
        kd_text_puts(out, o->help);
        kd_text_putc(out, '\n');
    }
    kd_text_puts(out, "  --help              this page\n");
}

void kd_verb_help(kd_text *out, const kd_verb *verb) {
    kd_text_puts(out, "kadesh");
    if (*verb->name) kd_text_printf(out, " %s", verb->name);
    kd_text_printf(out, ": %s\n\nUsage: kadesh [-C DIR]", verb->summary);
    if (*verb->name) kd_text_printf(out, " %s", verb->name);
    if (*verb->arguments) kd_text_printf(out, " %s", verb->arguments);
    kd_text_puts(out, " [options]\n\n");
    kd_text_puts(out, verb->help);
    put_options(out, verb);
}

void kd_program_help(kd_text *out) {
    kd_text_puts(out, "kadesh: a treaty you can run\n\n"
                      "Usage: kadesh [-C DIR] [VERB] [arguments] [options]\n\n"
                      "Without a verb it says where the record in DIR stands. Verbs:\n\n");
    for (const kd_verb *const *v = kd_verbs; *v; v++) {
        kd_text_puts(out, "  ");
        put_padded(out, (*v)->name, 10);
        kd_text_printf(out, "%s\n", (*v)->summary);
    }
    kd_text_puts(out, "\n"
                      "  -C DIR      the record's folder (default: the current one)\n"
                      "  --help      this page; kadesh help VERB, kadesh VERB --help: a verb's own\n"
                      "  --version   the program's version\n\n"
                      "Exit codes: 0 fine, 1 what was to hold does not, 2 usage, 3 bad input, 4 system.\n");
}
