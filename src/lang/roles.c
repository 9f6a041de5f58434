/* roles.c: the roles that a notice may have, and the fields that each asks for. */
#include "lang/front.h"

static const char *const names[KD_ROLE_COUNT] = {
    [KD_ROLE_NONE] = "",
    [KD_ROLE_IN_FORCE] = "in_force",
    [KD_ROLE_EXTENSION] = "extension",
    [KD_ROLE_SUSPENSION] = "suspension",
    [KD_ROLE_SUSPENSION_ANNOUNCED] = "suspension_announced",
    [KD_ROLE_WITHDRAWAL] = "withdrawal",
    [KD_ROLE_POSITION] = "position",
    [KD_ROLE_DETERMINATION] = "determination",
    [KD_ROLE_COUNTERMEASURE] = "countermeasure",
    [KD_ROLE_COUNTERMEASURE_ENDED] = "countermeasure_ended",
    [KD_ROLE_PLEDGE] = "pledge",
    [KD_ROLE_CONDITION] = "condition",
    [KD_ROLE_OFFER] = "offer",
    [KD_ROLE_DENIAL] = "denial",
    [KD_ROLE_AGREEMENT] = "agreement",
    [KD_ROLE_DATA] = "data",
    [KD_ROLE_DATA_PUBLIC] = "data_public",
    [KD_ROLE_COUNT_CLAIM] = "count_claim",
    [KD_ROLE_EXEMPTION] = "exemption",
    [KD_ROLE_TOTAL] = "total",
    [KD_ROLE_PLAN] = "plan",
    [KD_ROLE_CONSENT] = "consent",
    [KD_ROLE_PAUSE] = "pause",
    [KD_ROLE_RESUMPTION] = "resumption",
    [KD_ROLE_RESTORATION] = "restoration",
    [KD_ROLE_ROSTER] = "roster",
    [KD_ROLE_RECEIPT] = "receipt",
    [KD_ROLE_TEXT_REVISED] = "text_revised",
    [KD_ROLE_APPOINTMENT] = "appointment",
    [KD_ROLE_REVOCATION] = "revocation",
    [KD_ROLE_KEY_ROTATION] = "key_rotation",
    [KD_ROLE_DELIVERY_PROOF] = "delivery_proof",
    [KD_ROLE_CORRECTION] = "correction",
    [KD_ROLE_ACKNOWLEDGEMENT] = "acknowledgement",
    [KD_ROLE_REPORT] = "report",
};

/* field NULL: a list of that type under any name. */
static const struct need {
    kd_role role;
    const char *field;
    kd_value_type type;
    bool list;
} needs[] = {
    {KD_ROLE_DETERMINATION, "about", KD_T_RULE, false}, {KD_ROLE_DETERMINATION, "party", KD_T_PARTY, false},
    {KD_ROLE_DETERMINATION, "from", KD_T_DATE, false},  {KD_ROLE_EXTENSION, "until", KD_T_DATE, false},
    {KD_ROLE_TOTAL, "of", KD_T_NOTICE, false},          {KD_ROLE_TOTAL, "count", KD_T_COUNT, false},
    {KD_ROLE_TOTAL, "from", KD_T_DATE, false},          {KD_ROLE_TOTAL, "until", KD_T_DATE, false},
    {KD_ROLE_RECEIPT, "book", KD_T_PARTY, false},       {KD_ROLE_RECEIPT, "size", KD_T_COUNT, false},
    {KD_ROLE_RECEIPT, "time", KD_T_INSTANT, false},     {KD_ROLE_ROSTER, "treaty_hash", KD_T_HASH, false},
    {KD_ROLE_ROSTER, "keys", KD_T_TEXT, true},          {KD_ROLE_PLEDGE, NULL, KD_T_GROUP, true},
    {KD_ROLE_COUNT_CLAIM, "about", KD_T_PARTY, false},
};

kd_str kd_role_name(kd_role r) {
    return r < KD_ROLE_COUNT ? kd_str_of(names[r]) : KD_STR("");
}

kd_role kd_role_find(kd_str name) {
    for (int r = KD_ROLE_NONE + 1; r < KD_ROLE_COUNT; r++)
        if (kd_str_is(name, names[r])) return (kd_role)r;
    return KD_ROLE_COUNT;
}

static bool has(const kd_notice *n, const struct need *need) {
    for (size_t i = 0; i < n->field_count; i++) {
        const kd_field *x = &n->fields[i];
        bool list = x->many == KD_ANY || x->many == KD_SOME;
        if (need->field && !kd_str_is(x->name, need->field)) continue;
        if (x->type == need->type && list == need->list) return true;
    }
    return false;
}

void kd_role_check(kd_front *f, const kd_notice *n, kd_place at) {
    if (n->role == KD_ROLE_NONE) return;
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        const struct need *need = &needs[i];
        if (need->role != n->role || has(n, need)) continue;
        kd_str type = kd_type_name(need->type);
        if (need->field)
            kd_diagnose(f, at, "the role `%s` needs the field `%s: %.*s%s`", names[n->role], need->field,
                        KD_STR_ARGS(type), need->list ? "+" : "");
        else
            kd_diagnose(f, at, "the role `%s` needs a field that lists `%.*s`", names[n->role],
                        KD_STR_ARGS(type));
    }
    if ((n->role == KD_ROLE_DATA || n->role == KD_ROLE_DATA_PUBLIC) && n->dated < 0)
        kd_diagnose(f, at, "the role `%s` needs the clause `dated`: the day that its figures speak of",
                    names[n->role]);
}
