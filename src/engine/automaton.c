/* automaton.c: reads a match node's words into edges without jumps, and binds columns along them. */
#include "engine/automaton.h"

#include <string.h>

typedef struct raw {
    uint32_t from, what;
    eng_edge edge;
} raw;

static raw *read_moves(kd_engine *g, const eng_node *n, bool backward) {
    size_t count = (size_t)n->words[MATCH_MOVES];
    raw *moves = kd_arena_array(&g->arena, count + 1, sizeof *moves);
    const kd_value *w = n->words + MATCH_WORDS;
    for (size_t i = 0; moves && i < count; i++, w += 6 + w[5]) {
        uint8_t *columns = kd_arena_take(&g->arena, KD_WIDTH_MAX);
        if (!columns) return NULL;
        for (kd_value c = 0; c < w[5]; c++) columns[c] = (uint8_t)w[6 + c];
        moves[i] = (raw){(uint32_t)w[backward], (uint32_t)w[2], {.to = (uint32_t)w[!backward]}};
        eng_edge *d = &moves[i].edge;
        d->test = w[2] == KD_MOVE_TEST ? (uint32_t)w[3] : ENG_NONE;
        d->negated = w[4] != 0;
        d->count = (uint8_t)w[5];
        d->columns = columns;
    }
    return moves;
}

/* The states that jumps lead to from one, itself included; how many. */
static uint32_t jump(const raw *moves, size_t count, uint32_t from, uint32_t *reached, bool *seen) {
    uint32_t n = 0;
    seen[from] = true;
    reached[n++] = from;
    for (uint32_t at = 0; at < n; at++)
        for (size_t i = 0; i < count; i++) {
            if (moves[i].what != KD_MOVE_JUMP || moves[i].from != reached[at] || seen[moves[i].edge.to])
                continue;
            seen[moves[i].edge.to] = true;
            reached[n++] = moves[i].edge.to;
        }
    for (uint32_t at = 0; at < n; at++) seen[reached[at]] = false;
    return n;
}

/* Appends to `to` (or only counts, when it is NULL) the edges of the states reached. */
static uint32_t gather_edges(const raw *moves, size_t count, const uint32_t *reached, uint32_t n,
                             eng_edge *to) {
    uint32_t edges = 0;
    for (uint32_t at = 0; at < n; at++)
        for (size_t i = 0; i < count; i++) {
            if (moves[i].what == KD_MOVE_JUMP || moves[i].from != reached[at]) continue;
            if (to) to[edges] = moves[i].edge;
            edges++;
        }
    return edges;
}

/* Does a way ever stand in the state itself, and not only pass it by a jump? */
static bool is_stood_in(const raw *moves, size_t count, uint32_t state) {
    for (size_t i = 0; i < count; i++)
        if (moves[i].what != KD_MOVE_JUMP && moves[i].edge.to == state) return true;
    return false;
}

kd_status eng_automaton_open(eng_automaton *a, kd_engine *g, const eng_node *n, bool backward) {
    uint32_t states = (uint32_t)n->words[MATCH_STATES], last = backward ? 0 : states - 1, edges = 0;
    size_t count = (size_t)n->words[MATCH_MOVES];
    a->within = (kd_interval){n->words[MATCH_LOW], n->words[MATCH_HIGH]};
    a->width = n->width;
    a->first = backward ? states - 1 : 0;
    raw *moves = read_moves(g, n, backward);
    uint32_t *reached = kd_arena_array(&g->arena, states, sizeof *reached);
    bool *seen = kd_arena_array(&g->arena, states, sizeof *seen);
    a->first_edge = kd_arena_array(&g->arena, (size_t)states + 1, sizeof *a->first_edge);
    a->ends = kd_arena_array(&g->arena, states, sizeof *a->ends);
    if (!moves || !reached || !seen || !a->first_edge || !a->ends) return KD_NOMEM;
    for (uint32_t s = 0; s < states; s++) {
        a->first_edge[s] = edges;
        if (s != a->first && !is_stood_in(moves, count, s)) continue;
        uint32_t met = jump(moves, count, s, reached, seen);
        for (uint32_t i = 0; i < met; i++) a->ends[s] |= reached[i] == last;
        edges += gather_edges(moves, count, reached, met, NULL);
    }
    a->first_edge[states] = edges;
    a->edges = kd_arena_array(&g->arena, (size_t)edges + 1, sizeof *a->edges);
    if (!a->edges) return KD_NOMEM;
    for (uint32_t s = 0; s < states; s++) {
        if (a->first_edge[s] == a->first_edge[s + 1]) continue;
        uint32_t met = jump(moves, count, s, reached, seen);
        gather_edges(moves, count, reached, met, a->edges + a->first_edge[s]);
    }
    return KD_OK;
}

uint32_t eng_edge_bound(const eng_edge *d, uint64_t mask) {
    uint32_t bound = 0;
    for (unsigned i = 0; i < d->count; i++) bound |= (uint32_t)(mask >> d->columns[i] & 1) << i;
    return bound;
}

unsigned eng_edge_key(const eng_edge *d, uint32_t bound, const kd_value *way_row, uint8_t *columns,
                      kd_value *key) {
    unsigned n = 0;
    for (unsigned i = 0; i < d->count; i++) {
        if (!(bound >> i & 1)) continue;
        columns[n] = (uint8_t)i;
        key[n++] = way_row[d->columns[i]];
    }
    return n;
}

bool eng_edge_bind(const eng_edge *d, const kd_value *way, const kd_value *test_row, unsigned width,
                   kd_value *to) {
    eng_copy(to, way, WAY_WORDS + width);
    uint64_t mask = (uint64_t)way[WAY_MASK];
    for (unsigned i = 0; i < d->count; i++) {
        uint64_t bit = UINT64_C(1) << d->columns[i];
        kd_value *v = &to[WAY_WORDS + d->columns[i]];
        if ((mask & bit) && *v != test_row[i]) return false;
        *v = test_row[i];
        mask |= bit;
    }
    to[WAY_MASK] = (kd_value)mask;
    to[WAY_STATE] = d->to;
    return true;
}
