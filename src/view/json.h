/* json.h: JSON put member by member, commas in their places. */
#ifndef KADESH_VIEW_JSON_H
#define KADESH_VIEW_JSON_H

#include "view/pen.h"

typedef struct kd_json {
    kd_text *out;
    bool comma;
} kd_json;

/* `name` is NULL for an element of an array. */
void kd_json_open(kd_json *j, const char *name, char bracket); /* '{' or '[' */
void kd_json_close(kd_json *j, char bracket);                  /* '}' or ']' */
void kd_json_text(kd_json *j, const char *name, kd_str s);
void kd_json_number(kd_json *j, const char *name, int64_t n);
void kd_json_bool(kd_json *j, const char *name, bool b);
void kd_json_null(kd_json *j, const char *name);
/* A day as "2023-03-20"; null for KD_NO_DAY. The day of an instant; null for KD_NEVER and KD_ABSENT. */
void kd_json_day(kd_json *j, const char *name, kd_day day);
void kd_json_instant(kd_json *j, const char *name, kd_instant at);
/* A Party by its name in the treaty, "both", or null. */
void kd_json_party(kd_json *j, const char *name, const kd_treaty *t, uint32_t party);
/* A statement's id, or null. */
void kd_json_id(kd_json *j, const char *name, kd_pen *p, uint32_t statement);
void kd_json_ids(kd_json *j, const char *name, kd_pen *p, const kd_cites *c);
/* How a row reads: { "reading", "reads", "status", "freed", "freed_by" }. */
void kd_json_reads(kd_json *j, kd_pen *p, uint32_t reading, const kd_read_as *r);
/* on, known, treaty, reconstructed, in force: what every page begins with. */
void kd_json_head(kd_json *j, kd_pen *p);

#endif
