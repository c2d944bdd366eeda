/* SPDX-License-Identifier: Apache-2.0 */
/* Flows that the user allows, declines, tolerates or forbids by hand. */
#include "base/vec.h"
#include "model/estate-maker.h"

static void make_endpoints(struct maker *m, const struct names *texts, const struct endpoint_set **ret, size_t *ret_n)
{
	struct estate *e = m->estate;
	struct endpoint_set *sets = ARENA_ARRAY(m->arena, struct endpoint_set, texts->n);
	size_t n = 0;

	for (size_t i = 0; i < texts->n; i++) {
		struct name t = texts->v[i];
		struct endpoint_set s = { .text = t, .host = estate_host(e, t.s), .zone = estate_zone(e, t.s) };
		struct addr_range r;
		/* an outside party that the estate omits is named after its role: "internet" */
		if (s.host >= 0 && s.zone >= 0 && e->hosts[s.host].implied)
			s.host = -1;
		if (s.host >= 0 && s.zone >= 0) {
			diag_error(m->diag, t.at, "\"%.*s\" is the name of a host and of a zone", STR_ARG(t.s));
			diag_note(m->diag, e->hosts[s.host].name.at, "the host");
			diag_note(m->diag, e->zones[s.zone].name.at, "the zone");
			continue;
		}
		if (s.host >= 0) {
			s.addresses = host_addresses(e, &e->hosts[s.host]);
		} else if (s.zone >= 0) {
			s.addresses = e->zones[s.zone].addresses;
		} else if (str_is(t.s, "any")) {
			s.addresses = addrset_all(m->arena);
		} else if (addr_range_parse(t.s, &r) == RANGE_OK) {
			s.addresses = addrset_of(m->arena, &r, 1);
		} else {
			struct str *both = ARENA_ARRAY(m->arena, struct str, m->host_words.n + m->zone_words.n);
			for (size_t j = 0; j < m->host_words.n; j++)
				both[j] = m->host_words.v[j];
			for (size_t j = 0; j < m->zone_words.n; j++)
				both[m->host_words.n + j] = m->zone_words.v[j];
			unknown_name(m, "host, zone or address", t,
				     (struct strs){ both, m->host_words.n + m->zone_words.n });
			continue;
		}
		sets[n++] = s;
	}
	*ret = sets;
	*ret_n = n;
}

/* Ports and ranges, each alone or several in one text: 443, 5000-5010, "88,464". */
static void read_ports(struct maker *m, const struct names *said, struct hand_rule *r)
{
	VEC(struct port_range) ranges = { 0 };
	for (size_t i = 0; i < said->n; i++) {
		struct str rest = said->v[i].s, item;
		while (str_cut(&rest, ',', &item)) {
			struct port_range range;
			enum port_parse p = port_range_parse(str_trim(item), &range);
			if (p == PORT_OK)
				*VEC_ADD(m->arena, &ranges) = range;
			else
				diag_error(m->diag, said->v[i].at, "\"%.*s\" is not a port: %s",
					   STR_ARG(str_trim(item)), port_parse_why(p));
		}
	}
	r->ports = portset_of(m->arena, ranges.v, ranges.n);
}

enum hand_kind { HAND_ALLOW, HAND_DECLINE, HAND_TOLERATE, HAND_FORBID };

/* "N" or "N-M", up to 255. */
static bool read_types(struct str s, struct port_range *ret)
{
	struct str first;
	uint32_t lo, hi;
	size_t dash = str_find(s, '-');
	first = dash == SIZE_MAX ? s : str_first(s, dash);
	if (!str_to_u32(first, 255, &lo) || !str_to_u32(dash == SIZE_MAX ? s : str_skip(s, dash + 1), 255, &hi) ||
	    lo > hi)
		return false;
	*ret = (struct port_range){ (uint16_t)lo, (uint16_t)hi };
	return true;
}

static void read_icmp_types(struct maker *m, const struct hand_row *row, struct hand_rule *r)
{
	VEC(struct port_range) ranges = { 0 };
	if (row->icmp_types.n && !protocol_is_icmp(r->protocol)) {
		diag_error(m->diag, row->icmp_types.at, "icmp-types: needs protocol: icmp");
		return;
	}
	for (size_t i = 0; i < row->icmp_types.n; i++) {
		struct name t = row->icmp_types.v[i];
		struct port_range range;
		if (str_is(t.s, "echo") && r->protocol == PROTO_ICMP)
			r->icmp_echo = true;
		else if (str_is(t.s, "echo"))
			*VEC_ADD(m->arena, &ranges) = (struct port_range){ 128, 128 };
		else if (read_types(t.s, &range))
			*VEC_ADD(m->arena, &ranges) = range;
		else
			diag_error(m->diag, t.at, "\"%.*s\" is not echo, nor a type of ICMP: N or N-M up to 255",
				   STR_ARG(t.s));
	}
	r->icmp_types = portset_of(m->arena, ranges.v, ranges.n);
}

static void make_hand_rule(struct maker *m, const struct hand_row *row, struct hand_rule *r, enum hand_kind kind)
{
	bool allow = kind == HAND_ALLOW, decided = kind != HAND_FORBID;
	unsigned protocol = 0;
	*r = (struct hand_rule){
		.at = row->at, .why = row->why, .owner = row->owner, .until = row->until, .service = -1
	};
	make_endpoints(m, &row->from, &r->from, &r->n_from);
	make_endpoints(m, &row->to, &r->to, &r->n_to);
	if (row->protocol.s.p && !str_is(row->protocol.s, "any") && !protocol_parse(row->protocol.s, &protocol))
		diag_error(m->diag, row->protocol.at,
			   "\"%.*s\" is not a protocol: tcp, udp, icmp, or a number up to 255",
			   STR_ARG(row->protocol.s));
	r->protocol = (uint8_t)protocol;
	read_icmp_types(m, row, r);
	if (row->service.s.p) {
		r->service_said = row->service;
		r->service = catalogue_service(m->estate->catalogue, row->service.s);
		if (r->service < 0)
			unknown_name(m, "service", row->service, m->service_words);
	}
	if (row->ports.n) {
		read_ports(m, &row->ports, r);
		if (!protocol_has_ports(protocol))
			diag_error(m->diag, row->ports.at, "ports need a transport; set protocol: tcp or udp");
	} else if (allow && protocol_has_ports(protocol)) {
		diag_error(m->diag, row->at, "a flow by hand needs ports:");
	}
	if (allow && !row->protocol.s.p)
		diag_error(m->diag, row->at, "a flow by hand needs protocol:");
	if (decided && (!row->why.s.p || !row->owner.s.p))
		diag_error(m->diag, row->at, "%s needs why: and owner:",
			   allow                  ? "a flow by hand"
			   : kind == HAND_DECLINE ? "a declined flow"
						  : "a tolerated flow");
	if (row->until.s.p && !str_is_date(row->until.s))
		diag_error(m->diag, row->until.at, "\"%.*s\" is not a date YYYY-MM-DD", STR_ARG(row->until.s));
}

static void make_hand_rules(struct maker *m, const struct records *rows, struct hand_rule **ret, size_t *ret_n,
			    enum hand_kind kind)
{
	const struct hand_row *all = rows->v;
	if (rows->n > MOST_RULES_BY_HAND) {
		diag_error(m->diag, rows->at, "more than %d of them", MOST_RULES_BY_HAND);
		return;
	}
	*ret = ARENA_ARRAY(m->arena, struct hand_rule, rows->n);
	*ret_n = rows->n;
	for (size_t i = 0; i < rows->n; i++)
		make_hand_rule(m, &all[i], &(*ret)[i], kind);
}

void make_hands(struct maker *m)
{
	struct estate *e = m->estate;
	make_hand_rules(m, &m->file->allow, &e->allow, &e->n_allow, HAND_ALLOW);
	make_hand_rules(m, &m->file->decline, &e->decline, &e->n_decline, HAND_DECLINE);
	make_hand_rules(m, &m->file->tolerate, &e->tolerate, &e->n_tolerate, HAND_TOLERATE);
	make_hand_rules(m, &m->file->forbid, &e->forbid, &e->n_forbid, HAND_FORBID);
}
