/* said.c: what one asks of a statement: its id, its fields, its day. */
#include "record/inside.h"

kd_str rec_party_name(const kd_treaty *t, uint32_t party) {
    return party < t->party_count ? t->parties[party].name : KD_STR("both");
}

void kd_said_id(const kd_record *r, uint32_t statement, kd_text *out) {
    if (statement >= r->statement_count) return;
    const kd_said *s = &r->statements[statement];
    kd_text_printf(out, "%.*s/%llu", KD_STR_ARGS(r->treaty->parties[s->party].name),
                   (unsigned long long)s->index);
}

int64_t kd_record_find(const kd_record *r, kd_str id) {
    kd_str book;
    int64_t index;
    if (!kd_entry_id_parse(id, &book, &index)) return -1;
    int party = kd_treaty_party(r->treaty, book);
    if (party < 0 || (uint64_t)index >= r->book_sizes[party]) return -1;
    uint32_t number = r->numbers[party][index];
    return number == REC_NONE ? -1 : (int64_t)number;
}

kd_value kd_said_value(const kd_record *r, uint32_t statement, const char *field) {
    if (statement >= r->statement_count) return KD_ABSENT;
    return rec_value(r->treaty, &r->statements[statement], field);
}

bool kd_said_text(const kd_record *r, uint32_t statement, const char *field, size_t i, kd_str *out) {
    if (statement >= r->statement_count) return false;
    const kd_statement *told = &r->statements[statement].told;
    for (size_t k = 0; k < told->field_count; k++) {
        if (!kd_str_is(told->fields[k].name, field) || i-- > 0) continue;
        *out = told->fields[k].value;
        return true;
    }
    return false;
}

kd_day kd_said_day(const kd_record *r, uint32_t statement) {
    if (statement >= r->statement_count) return 0;
    const kd_said *s = &r->statements[statement];
    const kd_notice *n = &r->treaty->notices[s->notice];
    int column = n->dated >= 0 ? n->fields[n->dated].column : -1;
    if (column >= 0 && s->row[column] != KD_ABSENT) return kd_instant_day(s->row[column]);
    return kd_instant_day(s->delivery == KD_NOT_DELIVERED ? s->told.issued.at : s->received.at);
}
