/* engine_script.c: plans of a few nodes driven by a line of text. */
#include "engine_script.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kd_node input(script_plan *s, char name, kd_kind kind, unsigned width) {
    char z[2] = {name, 0};
    kd_node n = kd_plan_input(s->p, kd_str_of(z), kind, width);
    s->inputs.names[s->inputs.count] = name;
    s->inputs.nodes[s->inputs.count++] = n;
    return n;
}

kd_node script_pulse(script_plan *s, char name, unsigned width) {
    return input(s, name, KD_PULSE, width);
}
kd_node script_level(script_plan *s, char name, unsigned width) {
    return input(s, name, KD_LEVEL, width);
}

/* ---- Reading --------------------------------------------------------------------------------------------*/

static void bad(const char *at) {
    fprintf(stderr, "a script cannot be read at: %s\n", at);
    exit(2);
}

/* Reads a value and steps over it. */
static kd_value value(const char **p) {
    kd_day day;
    kd_instant instant;
    if (kd_instant_parse((kd_str){*p, strnlen(*p, 20)}, &instant)) return *p += 20, instant;
    if (kd_day_parse((kd_str){*p, strnlen(*p, 10)}, &day)) return *p += 10, kd_day_begin(day);
    if (!strncmp(*p, "never", 5)) return *p += 5, KD_NEVER;
    char *end;
    long long v = strtoll(*p, &end, 10);
    if (end != *p) return *p = end, v;
    if (**p != '-') bad(*p);
    ++*p;
    return KD_ABSENT;
}

/* Reads "(1,2)" and gives the number of values. */
static unsigned row(const char **p, kd_value *out) {
    unsigned n = 0;
    if (*(*p)++ != '(') bad(*p - 1);
    while (**p != ')') {
        out[n++] = value(p);
        if (**p == ',') ++*p;
    }
    ++*p;
    return n;
}

/* ---- Hearing --------------------------------------------------------------------------------------------*/

#define QUESTIONS 32

typedef struct question {
    kd_node node;
    uint64_t point;
    kd_value row[KD_WIDTH_MAX];
    const char *origins; /* expected */
} question;

typedef struct ear {
    kd_engine *g;
    const kd_plan *p;
    const char *expected; /* what is still to come */
    bool trace, differs;
    question questions[QUESTIONS];
    unsigned question_count;
    char *got;
    size_t n, room;
} ear;

static void note(ear *h, const char *text) {
    size_t n = strlen(text);
    if (h->n + n + 1 > h->room) return;
    memcpy(h->got + h->n, text, n + 1);
    h->n += n;
}

static void note_row(ear *h, kd_instant at, uint32_t sink, int sign, const kd_value *r, unsigned width) {
    char text[64];
    snprintf(text, sizeof text, "%" PRId64 ":%u%c(", at, sink, sign > 0 ? '+' : '-');
    note(h, text);
    for (unsigned i = 0; i < width; i++) {
        if (r[i] == KD_ABSENT)
            snprintf(text, sizeof text, "%s-", i ? "," : "");
        else
            snprintf(text, sizeof text, "%s%" PRId64, i ? "," : "", r[i]);
        note(h, text);
    }
    note(h, ")");
}

/* "[1,2]": steps over it; are these the origins? */
static bool same_origins(const char **p, const uint32_t *origins, size_t n) {
    size_t i = 0;
    bool same = true;
    ++*p;
    while (**p != ']') {
        kd_value v = value(p);
        same &= i < n && (kd_value)origins[i] == v;
        i++;
        if (**p == ',') ++*p;
    }
    ++*p;
    return same && i == n;
}

/* A row whose events are to be told when the run is over. */
static void ask_later(ear *h, uint32_t sink, const kd_value *r, unsigned width, const char *origins) {
    if (h->question_count == QUESTIONS) bad(origins);
    question *q = &h->questions[h->question_count++];
    *q = (question){kd_plan_heard(h->p, sink, 0), kd_engine_time_point(h->g), {0}, origins};
    memcpy(q->row, r, width * sizeof *r);
}

static void heard(void *ctx, uint32_t sink, kd_instant at, int sign, const kd_value *r, unsigned width) {
    ear *h = ctx;
    note_row(h, at, sink, sign, r, width);
    note(h, " ");
    while (*h->expected == ' ') h->expected++;
    if (!*h->expected || *h->expected == '!') {
        h->differs = true;
        return;
    }
    const char *p = h->expected;
    kd_value want[KD_WIDTH_MAX];
    bool same = value(&p) == at;
    if (*p++ != ':') bad(p - 1);
    same &= value(&p) == (kd_value)sink;
    same &= *p++ == (sign > 0 ? '+' : '-');
    unsigned count = row(&p, want);
    same &= count == width && (!width || !memcmp(want, r, width * sizeof *r));
    if (*p == '[' && h->trace && sign > 0) ask_later(h, sink, r, width, p);
    if (*p == '[') p = strchr(p, ']') + 1;
    h->expected = p;
    h->differs |= !same;
}

/* Do the events that were expected force what was heard? */
static void check_questions(ear *h) {
    for (unsigned i = 0; i < h->question_count; i++) {
        question *q = &h->questions[i];
        uint32_t origins[64];
        size_t n = 0;
        kd_error e = {0};
        char text[300];
        if (kd_engine_why(h->g, q->node, q->point, q->row, origins, 64, &n, &e)) {
            h->differs = true;
            snprintf(text, sizeof text, "[%.280s] ", e.message);
            note(h, text);
            continue;
        }
        note(h, "[");
        for (size_t k = 0; k < n && k < 64; k++) {
            snprintf(text, sizeof text, "%s%u", k ? "," : "", origins[k]);
            note(h, text);
        }
        note(h, "] ");
        const char *p = q->origins;
        h->differs |= !same_origins(&p, origins, n);
    }
}

/* ---- Running --------------------------------------------------------------------------------------------*/

static kd_node named(const script_plan *s, const char *p) {
    for (unsigned i = 0; i < s->inputs.count; i++)
        if (s->inputs.names[i] == *p) return s->inputs.nodes[i];
    bad(p);
    return 0;
}

/* Reads one step of the script, "@10 p(1) -f(2)" or ">20", and takes it. */
static kd_status step(const script_plan *s, kd_engine *g, const char **p, uint32_t *origin, kd_error *e) {
    kd_value rows[32][KD_WIDTH_MAX];
    kd_event events[32];
    size_t n = 0;
    bool pass = **p == '>';
    if (!pass && **p != '@') bad(*p);
    ++*p;
    kd_instant at = value(p);
    while (isspace((unsigned char)**p)) ++*p;
    if (pass) return kd_engine_advance(g, at, e);
    while (**p && **p != '@' && **p != '>') {
        int sign = 1;
        if (**p == '-') sign = -1, ++*p;
        kd_node in = named(s, (*p)++);
        row(p, rows[n]);
        events[n] = (kd_event){in, sign, ++*origin, rows[n]};
        n++;
        while (isspace((unsigned char)**p)) ++*p;
    }
    return kd_engine_push(g, at, events, n, e);
}

/* Was it to fail like this? "!reason:text in the message" */
static bool failed_as_told(const char *expected, const kd_error *e) {
    const char *colon = strchr(expected, ':');
    size_t n = colon ? (size_t)(colon - expected) : strlen(expected);
    return *expected == '!' && strlen(e->reason) == n - 1 && !strncmp(e->reason, expected + 1, n - 1) &&
           (!colon || strstr(e->message, colon + 1));
}

bool script_passes(void (*build)(script_plan *s), const char *script, const char *expected, bool trace,
                   char *got, size_t room) {
    script_plan s = {0};
    kd_error e = {0};
    kd_engine *g = NULL;
    ear h = {.expected = expected, .trace = trace, .got = got, .room = room};
    kd_engine_options o = {.trace = trace, .heard = heard, .ctx = &h};
    got[0] = 0;
    if (kd_plan_open(NULL, &s.p)) return false;
    build(&s);
    h.p = s.p;
    kd_status st = kd_engine_open(s.p, &o, &g, &e);
    h.g = g;
    uint32_t origin = 0;
    for (const char *p = script; !st && *p;) st = step(&s, g, &p, &origin, &e);
    if (g) check_questions(&h);
    while (*h.expected == ' ') h.expected++;
    bool passes = !h.differs && (st ? failed_as_told(h.expected, &e) : !*h.expected);
    if (st) note(&h, "!"), note(&h, e.reason), note(&h, ":"), note(&h, e.message);
    kd_engine_close(g);
    kd_plan_close(s.p);
    return passes;
}
