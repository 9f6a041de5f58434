/* json.c: the few lines of JSON that the pages of this room share. */
#include "view/json.h"

static void name_of(kd_json *j, const char *name) {
    if (j->comma) kd_text_putc(j->out, ',');
    if (name) {
        kd_text_json(j->out, kd_str_of(name));
        kd_text_putc(j->out, ':');
    }
    j->comma = true;
}

void kd_json_open(kd_json *j, const char *name, char bracket) {
    name_of(j, name);
    kd_text_putc(j->out, bracket);
    j->comma = false;
}

void kd_json_close(kd_json *j, char bracket) {
    kd_text_putc(j->out, bracket);
    j->comma = true;
}

void kd_json_text(kd_json *j, const char *name, kd_str s) {
    name_of(j, name);
    kd_text_json(j->out, s);
}

void kd_json_number(kd_json *j, const char *name, int64_t n) {
    name_of(j, name);
    kd_text_printf(j->out, "%lld", (long long)n);
}

void kd_json_bool(kd_json *j, const char *name, bool b) {
    name_of(j, name);
    kd_text_puts(j->out, b ? "true" : "false");
}

void kd_json_null(kd_json *j, const char *name) {
    name_of(j, name);
    kd_text_puts(j->out, "null");
}

void kd_json_day(kd_json *j, const char *name, kd_day day) {
    if (day == KD_NO_DAY) {
        kd_json_null(j, name);
        return;
    }
    name_of(j, name);
    kd_text_putc(j->out, '"');
    kd_day_put(j->out, day);
    kd_text_putc(j->out, '"');
}

void kd_json_instant(kd_json *j, const char *name, kd_instant at) {
    kd_json_day(j, name, at == KD_NEVER || at == KD_ABSENT ? KD_NO_DAY : kd_instant_day(at));
}

void kd_json_party(kd_json *j, const char *name, const kd_treaty *t, uint32_t party) {
    if (party == KD_BOTH) {
        kd_json_text(j, name, KD_STR("both"));
    } else if (party < t->party_count) {
        kd_json_text(j, name, t->parties[party].name);
    } else {
        kd_json_null(j, name);
    }
}

void kd_json_id(kd_json *j, const char *name, kd_pen *p, uint32_t statement) {
    kd_str id = kd_pen_id(p, statement);
    if (id.n) {
        kd_json_text(j, name, id);
    } else {
        kd_json_null(j, name);
    }
}

void kd_json_ids(kd_json *j, const char *name, kd_pen *p, const kd_cites *c) {
    kd_json_open(j, name, '[');
    for (size_t i = 0; i < c->count; i++) kd_json_id(j, NULL, p, c->statements[i]);
    kd_json_close(j, ']');
}

void kd_json_reads(kd_json *j, kd_pen *p, uint32_t reading, const kd_read_as *r) {
    static const char *const words[] = {[KD_READS_NOT] = "not",
                                        [KD_READS_STANDS] = "stands",
                                        [KD_READS_ENDED] = "stood_until_freed",
                                        [KD_READS_FREED] = "freed",
                                        [KD_READS_WITHHELD] = "withheld"};
    kd_json_open(j, NULL, '{');
    kd_json_text(j, "reading", p->words.treaty->readings[reading].name);
    kd_json_text(j, "reads", kd_str_of(words[r->how]));
    if (r->how != KD_READS_NOT) {
        kd_json_text(j, "status", kd_verdict_name((kd_verdict_status)r->status));
        kd_json_instant(j, "freed", r->freed);
        kd_json_id(j, "freed_by", p, r->freed_by);
    }
    kd_json_close(j, '}');
}

void kd_json_head(kd_json *j, kd_pen *p) {
    const kd_history *h = p->view->history;
    const kd_treaty *t = p->words.treaty;
    kd_json_text(j, "treaty", t->id);
    kd_json_day(j, "on", h->asked.on);
    kd_json_day(j, "known", h->asked.known);
    kd_json_bool(j, "reconstructed", t->reconstructed);
    kd_json_bool(j, "in_force", h->in_force);
    kd_json_instant(j, "in_force_since", h->in_force_since);
    kd_json_instant(j, "last_day", h->last_day);
    kd_json_instant(j, "ended", h->ended ? h->ended_since : KD_NEVER);
}
