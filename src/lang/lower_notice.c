/* lower_notice.c: the inputs of a plan: what notices bring at which time, notices of both, completeness. */
#include "lang/lower.h"

#include <string.h>

unsigned low_field_column(const kd_field *f) {
    return (unsigned)f->column;
}

static unsigned row_width(const kd_notice *n) {
    unsigned width = 2; /* by, statement */
    for (size_t i = 0; i < n->field_count; i++)
        if (n->fields[i].column >= 0) width++;
    return width;
}

/* ---- Feeds ---------------------------------------------------------------------------------------------------*/

static low_feed *new_feed(lower *L) {
    if (L->feed_count == L->feed_room) {
        size_t room = L->feed_room ? L->feed_room * 2 : 64;
        low_feed *wider = kd_arena_array(L->arena, room, sizeof *wider);
        if (!wider) {
            L->failed = kd_fail_nomem(L->e);
            return NULL;
        }
        if (L->feed_count) memcpy(wider, L->feeds, L->feed_count * sizeof *wider);
        L->feeds = wider;
        L->feed_room = room;
    }
    return &L->feeds[L->feed_count++];
}

/* "pledge", "pledge.keeps", "report@occurred", "report.items@occurred" */
static kd_str input_name(lower *L, const kd_notice *n, int at, int list) {
    kd_str field = list < 0 ? KD_STR("") : n->fields[list].name,
           time = at < 0 ? KD_STR("") : n->fields[at].name;
    const char *name =
        kd_arena_printf(L->arena, "%.*s%s%.*s%s%.*s", KD_STR_ARGS(n->name), list < 0 ? "" : ".",
                        KD_STR_ARGS(field), at < 0 ? "" : "@", KD_STR_ARGS(time));
    if (!name) L->failed = kd_fail_nomem(L->e);
    return kd_str_of(name);
}

kd_node low_input(lower *L, uint32_t notice, int at, int list) {
    const kd_notice *n = &L->t->notices[notice];
    unsigned width = list < 0 ? row_width(n) : 2;
    if (width > KD_WIDTH_MAX) {
        low_fail(L, "width", "notice `%.*s` has %u fields; %d are possible", KD_STR_ARGS(n->name), width - 2,
                 KD_WIDTH_MAX - 2);
        return 0;
    }
    for (uint32_t i = L->first_feed[notice]; i; i = L->feeds[i - 1].next)
        if (L->feeds[i - 1].feed.at == at && L->feeds[i - 1].feed.list == list)
            return L->feeds[i - 1].feed.input;
    low_feed *made = new_feed(L);
    kd_str name = input_name(L, n, at, list);
    if (!made || L->failed) return 0;
    kd_node input = kd_plan_input(L->p, name, KD_PULSE, width);
    *made = (low_feed){{notice, at, list, input}, L->first_feed[notice]};
    L->first_feed[notice] = (uint32_t)L->feed_count;
    return input;
}

/* ---- Notices of both -----------------------------------------------------------------------------------------
 *
 * The n-th time that a Party says certain fields belongs together with the n-th time that the others say them. With
 * the last of them the statement counts:
 *
 *      row ─┬───────────▶ join ─┬──────────────────────▶ join ─▶ both
 *           └▶ how often ──┘    └▶ by how many ─▶ all ──┘                                                          */

/* A row of k fields meets its count: k + 3 columns beside k + 2. */
enum { BOTH_WIDTH_MAX = (KD_WIDTH_MAX - 5) / 2 + 2 };

typedef struct both {
    rel said;      /* slots: the fields; TAG_BY, TAG_COUNT, carries TAG_STATEMENT */
    rel completed; /* those with which all have said it */
} both;

static both pair(lower *L, uint32_t notice, int at) {
    uint8_t tags[KD_WIDTH_MAX] = {TAG_BY, TAG_STATEMENT};
    unsigned width = row_width(&L->t->notices[notice]);
    both b = {.said = {.node = 0}};
    if (width > BOTH_WIDTH_MAX) {
        low_fail(L, "width", "notice `%.*s` is by both and has %u fields; %u are possible",
                 KD_STR_ARGS(L->t->notices[notice].name), width - 2, BOTH_WIDTH_MAX - 2);
        return b;
    }
    kd_node input = low_input(L, notice, at, -1);
    if (!input) return b;
    for (unsigned i = 2; i < width; i++) tags[i] = (uint8_t)(i - 2);
    rel row = rel_of(L->p, input, tags);
    uint8_t group[KD_WIDTH_MAX] = {TAG_BY};
    memcpy(group + 1, tags + 2, width - 2);
    rel often = rel_fold(L, row, group, width - 1, KD_COUNT, 0, TAG_COUNT);
    b.said = rel_join(L, row, often);
    group[0] = TAG_COUNT;
    rel by_many = rel_fold(L, b.said, group, width - 1, KD_COUNT, 0, TAG_VALUE);
    kd_expr all = x_op(L, KD_X_EQ, rel_expr(L, &by_many, TAG_VALUE), x_value(L, (kd_value)L->t->party_count));
    b.completed = rel_join(L, b.said, rel_where(L, by_many, all));
    return b;
}

static rel both_say(lower *L, uint32_t notice, int at) {
    uint8_t tags[KD_WIDTH_MAX] = {TAG_BY, TAG_STATEMENT};
    unsigned width = row_width(&L->t->notices[notice]);
    rel done = pair(L, notice, at).completed;
    for (unsigned i = 2; i < width && i < KD_WIDTH_MAX; i++) tags[i] = (uint8_t)(i - 2);
    done = rel_keep(L, done, tags, width);
    return rel_with(L, done, TAG_BY, x_value(L, KD_BOTH));
}

rel low_notice(lower *L, uint32_t notice, int at) {
    if (at < 0 && L->notices[notice].node) return L->notices[notice];
    rel r = L->t->notices[notice].by_both ? both_say(L, notice, at)
                                          : rel_of(L->p, low_input(L, notice, at, -1), NULL);
    for (unsigned i = 0; i < r.width; i++) r.tag[i] = TAG_NONE;
    if (r.width > 1) {
        r.tag[0] = TAG_BY;
        r.tag[1] = TAG_STATEMENT;
    }
    if (at < 0) L->notices[notice] = r;
    return r;
}

static rel said_by(lower *L, rel said, kd_op op, unsigned as) {
    rel r = rel_where(L, said, x_op(L, op, rel_expr(L, &said, TAG_BY), x_value(L, 0)));
    return rel_forever(L, rel_retag(rel_retag(r, TAG_BY, TAG_NONE), TAG_STATEMENT, as));
}

void low_paired_sinks(lower *L) {
    static const uint8_t columns[] = {TAG_RULE, TAG_EXTRA, TAG_EXTRA + 1};
    for (size_t i = 0; i < L->t->notice_count; i++) {
        if (!L->t->notices[i].by_both || L->t->party_count < 2) continue;
        both b = pair(L, (uint32_t)i, -1);
        rel done = rel_retag(rel_retag(b.completed, TAG_BY, TAG_NONE), TAG_STATEMENT, TAG_NONE);
        rel r = rel_join(L, rel_join(L, done, said_by(L, b.said, KD_X_EQ, TAG_EXTRA)),
                         said_by(L, b.said, KD_X_NE, TAG_EXTRA + 1));
        r = rel_keep(L, rel_with(L, r, TAG_RULE, x_value(L, (kd_value)i)), columns, 3);
        r = rel_forever(L, r);
        if (r.node) kd_plan_sink(L->p, r.node, KD_SINK_PAIRED);
    }
}

/* ---- What is known of the record and of the treaty -----------------------------------------------------------*/

rel low_complete(lower *L, uint32_t notice, bool jointly) {
    static const uint8_t one[] = {TAG_PARTY};
    rel r = rel_where(L, L->complete, x_op(L, KD_X_EQ, kd_plan_column(L->p, 0), x_value(L, notice)));
    if (!jointly && !L->t->notices[notice].by_both) return rel_keep(L, r, one, 1);
    rel all = rel_fold(L, r, NULL, 0, KD_COUNT, 0, TAG_VALUE);
    all =
        rel_where(L, all, x_op(L, KD_X_EQ, kd_plan_column(L->p, 0), x_value(L, (kd_value)L->t->party_count)));
    all = rel_retag(all, TAG_VALUE, TAG_NONE);
    if (!jointly) return all;
    return rel_keep(L, rel_with(L, all, TAG_PARTY, x_value(L, KD_BOTH)), one, 1);
}

static rel range(lower *L, unsigned tag, size_t count, uint64_t only) {
    uint8_t tags[] = {(uint8_t)tag};
    kd_value *rows = kd_arena_array(L->arena, count ? count : 1, sizeof *rows);
    if (!rows) {
        L->failed = kd_fail_nomem(L->e);
        return (rel){.node = 0};
    }
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (i >= 64 || only >> i & 1) rows[n++] = (kd_value)i;
    return rel_of(L->p, kd_plan_constant(L->p, rows, n, 1), tags);
}

rel low_parties(lower *L, uint64_t only) {
    return range(L, TAG_PARTY, L->t->party_count, only);
}

rel low_domain(lower *L, unsigned slot) {
    const kd_ast_var *v = &L->vars->items[slot];
    switch (v->type) {
    case KD_T_PARTY:
        return range(L, slot, L->t->party_count, UINT64_MAX);
    case KD_T_GROUP:
        return range(L, slot, L->t->group_count, UINT64_MAX);
    case KD_T_NOTICE:
        return range(L, slot, L->t->notice_count, UINT64_MAX);
    case KD_T_YES_NO:
        return range(L, slot, 2, UINT64_MAX);
    case KD_T_KIND:
        return range(L, slot, L->t->kinds[v->kind].count, UINT64_MAX);
    default:
        return (rel){.node = 0};
    }
}
