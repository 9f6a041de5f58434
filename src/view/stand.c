/* stand.c: where the record stands, in ten lines, and which verbs go on from there. */
#include "view/page.h"

#define SLOTS(a) (a), sizeof(a) / sizeof *(a)

static const char *const verbs[][2] = {{"kadesh brief", "stand.brief"}, {"kadesh status", "stand.status"},
                                       {"kadesh due", "stand.due"},     {"kadesh why ID", "stand.why"},
                                       {"kadesh log", "stand.log"},     {"kadesh verify", "stand.verify"}};

static void put_now(kd_page *page, kd_pen *pen, const kd_brief *b) {
    const kd_slot slots[] = {kd_slot_text("treaty", kd_pen_treaty(pen)),
                             kd_slot_day("day", pen->words.today)};
    kd_str text = kd_pen_say(pen, "stand.title", SLOTS(slots));
    for (size_t i = 0; i < b->summary.count; i++) {
        kd_str next = kd_pen_printf(pen, "%.*s %.*s", KD_STR_ARGS(kd_str_trim(text)),
                                    KD_STR_ARGS(b->summary.items[i].text));
        if (kd_utf8_width(next) > 3 * KD_PAGE_COLUMNS - 20) continue; /* three lines for it */
        text = next;
    }
    const kd_wrapped w = {.text = text, .most = 3};
    kd_page_wrap(page, &w);
}

kd_status kd_stand_put(const kd_view *v, kd_text *out, kd_error *e) {
    size_t from = out->n;
    kd_brief *b = NULL;
    kd_status s = kd_brief_make(v, &b, e);
    if (s) return s;
    kd_pen pen;
    kd_pen_open(&pen, v, e);
    kd_page page;
    kd_page_open(&page, &pen, KD_PAGE_COLUMNS);
    kd_page_section(&page, KD_STR(""), "", false);
    kd_page_block(&page, -1, NULL);
    put_now(&page, &pen, b);
    const kd_slot checked[] = {kd_slot_count("books", v->checked.books),
                               kd_slot_count("entries", v->checked.entries)};
    kd_page_line(&page, kd_pen_say(&pen, "stand.checked", SLOTS(checked)));
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        const kd_str cells[] = {KD_STR(""), kd_str_of(verbs[i][0]), kd_pen_say(&pen, verbs[i][1], NULL, 0)};
        static const unsigned columns[] = {2, 16, KD_PAGE_COLUMNS - 18};
        kd_page_line(&page, kd_page_cells(&page, cells, columns, 3));
    }
    kd_page_put(&page, out);
    return kd_pen_end(&pen, out, from);
}
