/* current.c: one row a key. */
#include "engine/current.h"

void eng_current_open(eng_current *c, kd_engine *g, unsigned width, const kd_value *columns, size_t count) {
    *c = (eng_current){.key_count = (unsigned)count};
    for (size_t i = 0; i < count; i++) c->columns[i] = (uint8_t)columns[i];
    eng_table_open(&c->keys, &g->mem, c->key_count, sizeof(eng_current_key) + width * sizeof(kd_value));
}

void eng_current_close(eng_current *c, kd_engine *g) {
    eng_table_close(&c->keys);
    eng_list_close(&g->mem, &c->touched);
}

eng_current_key *eng_current_touch(eng_current *c, kd_engine *g, const kd_value *key) {
    bool fresh;
    uint32_t e = eng_table_add(&c->keys, key, &fresh);
    if (e == ENG_NONE) return NULL;
    eng_current_key *k = eng_table_payload(&c->keys, e);
    if (!k->touched) {
        if (!eng_list_put(&g->mem, &c->touched, e)) return NULL;
        k->touched = 1;
    }
    return k;
}

eng_current_key *eng_current_touch_row(eng_current *c, kd_engine *g, const kd_value *row) {
    kd_value key[KD_WIDTH_MAX];
    eng_gather(key, row, c->columns, c->key_count);
    return eng_current_touch(c, g, key);
}

/* Puts the candidate in the place of the row that is held. */
static kd_status replace(kd_engine *g, eng_node *n, eng_current_key *k, const kd_value *row) {
    kd_value *kept = (kd_value *)(void *)(k + 1);
    if (k->held && eng_same(kept, row, n->width)) return KD_OK;
    kd_status s = k->held ? eng_emit_row(g, n, kept, -1, 0) : KD_OK;
    if (s) return s;
    eng_copy(kept, row, n->width);
    k->held = 1;
    return eng_emit_row(g, n, kept, 1, 0);
}

static kd_status settle(eng_current *c, kd_engine *g, eng_node *n, const eng_node *in, uint32_t entry) {
    eng_current_key *k = eng_table_payload(&c->keys, entry);
    kd_status s = KD_OK;
    if (k->candidate) {
        s = replace(g, n, k, eng_batch_row(in, k->candidate - 1));
    } else if (k->ended && k->held) {
        s = eng_emit_row(g, n, (kd_value *)(void *)(k + 1), -1, 0);
        k->held = 0;
    }
    k->candidate = 0;
    k->ended = k->touched = 0;
    if (!k->held) eng_table_remove(&c->keys, entry);
    return s;
}

kd_status eng_current_settle(eng_current *c, kd_engine *g, eng_node *n, const eng_node *in) {
    for (size_t i = 0; i < c->touched.n; i++) {
        kd_status s = settle(c, g, n, in, c->touched.items[i]);
        if (s) return s;
    }
    c->touched.n = 0;
    return KD_OK;
}
