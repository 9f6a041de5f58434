/* monitor_pair.c: runs a formula and a log through the library's monitor and compares it with the naive
 * evaluator. */
#include "monitor_pair.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kd_str keep(kd_arena *a, kd_str s) {
    char *p = kd_arena_copy(a, s.p, s.n);
    if (!p) abort();
    return (kd_str){p, s.n};
}

/* ---- Tuples as text -----------------------------------------------------------------------------------*/

static int by_text(const void *a, const void *b) {
    return kd_str_order(*(const kd_str *)a, *(const kd_str *)b);
}

/* Lines, sorted, each once, with blanks between. */
static kd_str canonical(kd_arena *a, kd_str lines) {
    size_t count = 0;
    for (size_t i = 0; i < lines.n; i++) count += lines.p[i] == '\n';
    kd_str *list = kd_arena_array(a, count + 1, sizeof *list);
    char *out = kd_arena_take(a, lines.n + 1);
    if (!list || !out) abort();
    const char *p = lines.p;
    for (size_t k = 0; k < count; k++) {
        const char *end = memchr(p, '\n', (size_t)(lines.p + lines.n - p));
        list[k] = (kd_str){p, (size_t)(end - p)};
        p = end + 1;
    }
    qsort(list, count, sizeof *list, by_text);
    size_t n = 0;
    for (size_t k = 0; k < count; k++) {
        if (k && kd_str_equal(list[k], list[k - 1])) continue;
        if (n) out[n++] = ' ';
        memcpy(out + n, list[k].p, list[k].n);
        n += list[k].n;
    }
    return (kd_str){out, n};
}

mp_verdict mp_naive(kd_arena *a, const nm_result *r, size_t i) {
    const nm_verdict *v = &r->verdicts[i];
    unsigned width = r->core.column_count;
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    if (!width && v->count) kd_text_puts(&t, "true\n");
    for (size_t k = 0; width && k < v->count; k++) {
        for (unsigned c = 0; c < width; c++) {
            kd_text_putc(&t, c ? ',' : '(');
            nm_put_value(&r->world, v->rows[k * width + c], &t);
        }
        kd_text_puts(&t, ")\n");
    }
    mp_verdict out = {v->at, canonical(a, kd_text_str(&t))};
    kd_text_close(&t);
    return out;
}

int64_t mp_renamed(int64_t i) {
    return 10 * i + 7;
}

static void put_value(const kd_monitor *m, kd_monitor_type type, kd_value v, bool renamed, kd_text *t) {
    kd_str s;
    switch (type) {
    case KD_M_INT:
        kd_text_printf(t, "%" PRId64, renamed ? mp_renamed(v) : v);
        break;
    case KD_M_FLOAT:
        kd_text_printf(t, "%g", kd_value_float(v));
        break;
    default:
        s = kd_monitor_text(m, v);
        if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
            kd_text_put(t, s);
        else
            kd_text_printf(t, "%s\"%.*s%s\"", type == KD_M_REGEXP ? "r" : "", KD_STR_ARGS(s),
                           renamed ? MP_TAIL : "");
    }
}

/* ---- The monitor --------------------------------------------------------------------------------------*/

typedef struct listener {
    kd_arena *a;
    mp_answer *answer;
    mp_way way;
    uint64_t next; /* time point that must be heard next */
} listener;

static kd_status heard(void *ctx, const kd_monitor *m, uint64_t index, kd_instant at, const kd_value *rows,
                       size_t count) {
    listener *l = ctx;
    size_t width = 0;
    const kd_monitor_column *columns = kd_monitor_columns(m, &width);
    if (index != l->next || index >= l->answer->room)
        return kd_fail(&l->answer->error, KD_SYSTEM, "", "time point %" PRIu64 " was heard, not %" PRIu64,
                       index, l->next);
    l->next++;
    kd_text t;
    kd_text_open(&t, &kd_allocator_libc);
    if (!width && count) kd_text_puts(&t, "true\n");
    for (size_t k = 0; width && k < count; k++) {
        for (size_t c = 0; c < width; c++) {
            kd_text_putc(&t, c ? ',' : '(');
            put_value(m, columns[c].type, rows[k * width + c], l->way.renamed, &t);
        }
        kd_text_puts(&t, ")\n");
    }
    l->answer->verdicts[index] = (mp_verdict){at, canonical(l->a, kd_text_str(&t))};
    l->answer->count = index + 1;
    kd_text_close(&t);
    return KD_OK;
}

static kd_status open_one(const rm_pair *p, listener *l, kd_monitor **m) {
    kd_monitor_options o = {.negate = p->negate,
                            .no_last_point = p->no_last_point,
                            .every_point = true,
                            .heard = heard,
                            .ctx = l};
    return kd_monitor_open(p->sig, "sig", p->formula, "formula", &o, m, &l->answer->error);
}

bool mp_has_operator(const rm_pair *p, const char *name) {
    mp_answer none = {0};
    listener l = {.answer = &none};
    kd_monitor *m = NULL;
    kd_text text;
    kd_text_open(&text, &kd_allocator_libc);
    bool has = !open_one(p, &l, &m);
    if (has) {
        kd_monitor_explain(m, &text);
        kd_text_putc(&text, 0);
        has = !text.failed && strstr(text.p, name);
    }
    kd_monitor_close(m);
    kd_text_close(&text);
    return has;
}

static kd_status feed(kd_monitor *m, kd_str log, size_t *from, size_t to, size_t piece, bool last,
                      kd_error *e) {
    kd_status s = KD_OK;
    for (size_t end = *from; s == KD_OK && end < to;) {
        end = piece && to - end > piece ? end + piece : to;
        size_t used = 0;
        s = kd_monitor_feed(m, "log", log.p + *from, end - *from, last && end == to, &used, e);
        *from += used;
    }
    return s;
}

static kd_status put_bytes(void *ctx, const void *bytes, size_t n) {
    kd_text_put(ctx, (kd_str){bytes, n});
    return KD_OK;
}

/* Where time point number k begins. */
static size_t place(kd_str log, size_t k) {
    bool quoted = false;
    for (size_t i = 0; i < log.n; i++) {
        quoted ^= log.p[i] == '"';
        if (!quoted && log.p[i] == '@' && k-- == 0) return i;
    }
    return log.n;
}

static kd_status change_over(const rm_pair *p, listener *l, kd_monitor **m) {
    kd_text state;
    kd_text_open(&state, &kd_allocator_libc);
    kd_status s = kd_monitor_save(*m, put_bytes, &state);
    kd_monitor_close(*m);
    *m = NULL;
    if (s != KD_OK) {
        kd_fail(&l->answer->error, s, "", "the state cannot be saved: status %d", (int)s);
    } else {
        s = open_one(p, l, m);
        if (s == KD_OK) s = kd_monitor_restore(*m, state.p, state.n, &l->answer->error);
    }
    kd_text_close(&state);
    return s;
}

/* The log with the time point before place `at` said to be complete: states are saved between time points. */
static kd_str completed(kd_arena *a, kd_str log, size_t *at) {
    kd_str head = kd_str_trim((kd_str){log.p, *at});
    while (head.n && strchr(" \n", head.p[head.n - 1])) head.n--;
    if (!head.n || head.p[head.n - 1] == ';') return log;
    char *p = kd_arena_printf(a, "%.*s;%.*s", KD_STR_ARGS(head), (int)(log.n - head.n), log.p + head.n);
    if (!p) abort();
    ++*at;
    return (kd_str){p, log.n + 1};
}

void mp_monitor(kd_arena *a, const rm_pair *p, mp_way way, mp_answer *out) {
    *out = (mp_answer){0};
    for (size_t i = 0; i < p->log.n; i++) out->room += p->log.p[i] == '@';
    out->verdicts = kd_arena_array(a, out->room + 1, sizeof *out->verdicts);
    if (!out->verdicts) abort();
    listener l = {a, out, way, 0};
    kd_monitor *m = NULL;
    size_t at = 0;
    out->status = open_one(p, &l, &m);
    out->refused = out->status == KD_FAILED && m;
    kd_str log = p->log;
    if (out->status == KD_OK && way.cut != SIZE_MAX) {
        size_t cut = place(log, way.cut);
        log = completed(a, log, &cut);
        out->status = feed(m, log, &at, cut, way.piece, false, &out->error);
        if (out->status == KD_OK) out->status = change_over(p, &l, &m);
    }
    if (out->status == KD_OK) out->status = feed(m, log, &at, log.n, way.piece, true, &out->error);
    if (out->status == KD_OK) out->status = kd_monitor_end(m, &out->error);
    kd_monitor_close(m);
}

static bool has_word(kd_str s, const char *word) {
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= s.n; i++)
        if (!memcmp(s.p + i, word, n)) return true;
    return false;
}

/* ---- Both ---------------------------------------------------------------------------------------------*/

static bool same_verdict(mp_verdict a, mp_verdict b) {
    return a.at == b.at && kd_str_equal(a.text, b.text);
}

static void say(kd_text *why, size_t i, mp_verdict naive, mp_verdict heard_one) {
    if (why)
        kd_text_printf(why,
                       "time point %zu: the definitions say @%" PRId64 " [%.*s], the monitor %s@%" PRId64
                       " [%.*s]\n",
                       i, naive.at, KD_STR_ARGS(naive.text), heard_one.text.p ? "" : "nothing ", heard_one.at,
                       KD_STR_ARGS(heard_one.text));
}

static mp_outcome compare_verdicts(kd_arena *a, const rm_pair *p, const nm_result *r, const mp_answer *m,
                                   kd_text *why) {
    nm_result whole = {0};
    mp_outcome result = MP_SAME;
    for (size_t i = 0; i < r->count && result == MP_SAME; i++) {
        mp_verdict got = m->verdicts[i], want;
        if (!r->verdicts[i].decided && !got.text.p) continue;
        if (!r->verdicts[i].decided && !whole.count) { /* early, so it must hold however the log goes on */
            nm_options o = {.negate = p->negate};
            if (nm_run(a, p->sig, p->formula, p->log, &o, &whole) != NM_DONE) result = MP_SKIPPED;
        }
        if (result != MP_SAME) break;
        want = mp_naive(a, r->verdicts[i].decided ? r : &whole, i);
        if (!got.text.p && p->no_last_point && has_word(p->formula, "RELEASE")) return MP_LATE;
        if (!same_verdict(want, got)) {
            say(why, i, want, got);
            result = MP_DIFFERENT;
        }
    }
    if (whole.world.texts) nm_close(&whole);
    return result;
}

/* An engine may compute where the naive evaluator has no need to look, but not at the time point that is only
 * supposed. */
static bool looked_further(const mp_answer *m) {
    kd_str message = kd_str_of(m->error.message);
    bool arithmetic =
        kd_str_is(kd_str_of(m->error.reason), "overflow") || kd_str_is(kd_str_of(m->error.reason), "zero");
    for (size_t i = 0; arithmetic && i < message.n; i++)
        if (kd_str_starts((kd_str){message.p + i, message.n - i}, "supposed last")) return false;
    return arithmetic;
}

static mp_outcome judge(kd_arena *a, const rm_pair *p, nm_status s, const nm_result *r, const mp_answer *m,
                        kd_text *why) {
    if (s == NM_WRONG || (m->refused && p->inside && s != NM_CANNOT)) {
        if (why)
            kd_text_printf(why, "naive: %s; monitor: %s %s\n", s == NM_WRONG ? r->world.complaint : "-",
                           m->error.reason, m->error.message);
        return MP_DIFFERENT;
    }
    if (m->refused) return MP_REFUSED;
    if (m->status != KD_OK && looked_further(m)) return s == NM_ARITHMETIC ? MP_OVERFLOW : MP_UNSURE;
    if (m->status != KD_OK) {
        if (why) kd_text_printf(why, "the monitor fails: %s %s\n", m->error.reason, m->error.message);
        return MP_DIFFERENT;
    }
    if (s == NM_CANNOT || s == NM_TOO_MUCH) return MP_SKIPPED;
    if (s == NM_ARITHMETIC) return MP_UNSURE;
    return compare_verdicts(a, p, r, m, why);
}

mp_outcome mp_compare(const rm_pair *p, mp_way way, kd_text *why) {
    kd_arena a;
    kd_arena_open(&a, &kd_allocator_libc);
    nm_result r;
    mp_answer m;
    nm_options o = {.negate = p->negate, .no_last_point = p->no_last_point, .steps = 3000000};
    nm_status s = nm_run(&a, p->sig, p->formula, p->log, &o, &r);
    mp_monitor(&a, p, way, &m);
    mp_outcome result = judge(&a, p, s, &r, &m, why);
    nm_close(&r);
    kd_arena_close(&a);
    return result;
}

/* ---- Files --------------------------------------------------------------------------------------------*/

void mp_put(kd_text *out, const char *name, const rm_pair *p) {
    kd_text_printf(out, "==== %s%s%s\n---- sig\n%.*s\n---- formula\n%.*s\n---- log\n%.*s\n", name,
                   p->negate ? " -negate" : "", p->no_last_point ? " -nonewlastts" : "",
                   KD_STR_ARGS(kd_str_trim(p->sig)), KD_STR_ARGS(p->formula), KD_STR_ARGS(p->log));
}

static void take_part(mp_kept *k, kd_str part, const char *from, const char *to) {
    kd_str text = {from, (size_t)(to - from)};
    if (kd_str_is(part, "sig"))
        k->pair.sig = text;
    else if (kd_str_is(part, "formula"))
        k->pair.formula = text;
    else if (kd_str_is(part, "log"))
        k->pair.log = text;
    else if (kd_str_is(part, "expected"))
        k->expected = text;
}

mp_kept *mp_read(kd_arena *a, const char *path, size_t *count) {
    FILE *f = fopen(path, "rb");
    kd_text all;
    char piece[4096];
    size_t got = 0, n = 1;
    *count = 0;
    kd_text_open(&all, &kd_allocator_libc);
    while (f && (got = fread(piece, 1, sizeof piece, f)) > 0) kd_text_put(&all, (kd_str){piece, got});
    if (f) fclose(f);
    kd_str s = keep(a, kd_text_str(&all)), line, part = {"", 0};
    kd_text_close(&all);
    for (size_t i = 0; i < s.n; i++) n += s.p[i] == '\n';
    mp_kept *list = kd_arena_array(a, n, sizeof *list);
    if (!list) abort();
    const char *begin = s.p;
    for (kd_cursor c = kd_cursor_of(s.p, s.n); kd_cursor_line(&c, &line);) {
        if (!kd_str_starts(line, "==== ") && !kd_str_starts(line, "---- ")) continue;
        if (*count) take_part(&list[*count - 1], part, begin, line.p);
        begin = line.p + line.n + 1;
        part = (kd_str){line.p + 5, line.n - 5};
        if (line.p[0] != '=') continue;
        mp_kept *k = &list[(*count)++];
        *k = (mp_kept){.name = part, .pair.inside = true};
        if (k > list) { /* what is left out is that of the one before */
            k->pair.sig = k[-1].pair.sig;
            k->pair.log = k[-1].pair.log;
        }
        k->pair.negate = has_word(part, "-negate");
        k->pair.no_last_point = has_word(part, "-nonewlastts");
        part = KD_STR("");
    }
    if (*count) take_part(&list[*count - 1], part, begin, s.p + s.n);
    return list;
}
