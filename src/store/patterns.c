/* patterns.c: regular expressions by PCRE2, for the monitor's MATCHES. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <kadesh/store.h>
#include <pcre2.h>

/* A pattern with what a search needs, so that searching allocates nothing. */
typedef struct compiled {
    pcre2_code *code;
    pcre2_match_data *data;
    pcre2_match_context *limits;
} compiled;

/* A pattern that backtracks without end gives up after some hundredths of a second, and within 64 MiB. */
#define MATCH_STEPS_MAX 2000000
#define DEPTH_MAX       200000
#define HEAP_KIB_MAX    65536

static void release(void *ctx, void *p) {
    compiled *c = p;
    if (!c) return;
    pcre2_match_data_free(c->data);
    pcre2_match_context_free(c->limits);
    pcre2_code_free(c->code);
    kd_allocator_libc.resize(kd_allocator_libc.ctx, c, sizeof *c, 0);
}

/* Constant words, as a complaint lives as long as the program; NULL when there is no memory. The numbers are
 * those of pcre2api(3). */
static const char *complaint_of(int error) {
    switch (error) {
    case 121:
        return NULL;
    case 115:
        return "the pattern refers to a group that it does not have";
    case 119:
    case 120:
    case 135:
        return "the pattern is too large";
    default:
        return "the pattern is no regular expression";
    }
}

static void *compile(void *ctx, kd_str pattern, const char **complaint) {
    int error = 0;
    size_t at = 0;
    compiled *c = kd_allocator_libc.resize(kd_allocator_libc.ctx, NULL, 0, sizeof *c);
    *complaint = NULL;
    if (!c) return NULL;
    *c = (compiled){0};
    c->code = pcre2_compile((PCRE2_SPTR)(const void *)(pattern.n ? pattern.p : ""), pattern.n,
                            PCRE2_NEVER_UTF | PCRE2_NEVER_UCP, &error, &at, NULL);
    if (!c->code) {
        *complaint = complaint_of(error);
        release(NULL, c);
        return NULL;
    }
    c->data = pcre2_match_data_create_from_pattern(c->code, NULL);
    c->limits = pcre2_match_context_create(NULL);
    if (!c->data || !c->limits) {
        release(NULL, c);
        return NULL;
    }
    pcre2_set_match_limit(c->limits, MATCH_STEPS_MAX);
    pcre2_set_depth_limit(c->limits, DEPTH_MAX);
    pcre2_set_heap_limit(c->limits, HEAP_KIB_MAX);
    return c;
}

static int search(void *ctx, void *p, kd_str text, int64_t *pairs, unsigned room) {
    const compiled *c = p;
    if (!c) return -1;
    int found = pcre2_match(c->code, (PCRE2_SPTR)(const void *)(text.n ? text.p : ""), text.n, 0, 0, c->data,
                            c->limits);
    if (found == PCRE2_ERROR_NOMATCH) return 0;
    if (found < 0) return -1;
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(c->data);
    unsigned there = pcre2_get_ovector_count(c->data);
    for (unsigned i = 0; i < room; i++) {
        bool took_part = i < there && i < (unsigned)found && ends[2 * i] != PCRE2_UNSET;
        pairs[2 * i] = took_part ? (int64_t)ends[2 * i] : -1;
        pairs[2 * i + 1] = took_part ? (int64_t)ends[2 * i + 1] : -1;
    }
    return 1;
}

const kd_patterns kd_patterns_pcre2 = {NULL, compile, search, release};
