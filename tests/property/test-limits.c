/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What platforms take: names, comments, lists and numbers of things within their
 * limits.  Policies with very long and very similar names, with 10,000 addresses
 * in one group or hundreds of ports in one list are written in every dialect; a
 * checker of its own measures the text, and what is read back is what was asked
 * for.  Where a platform cannot, that is an error and nothing is written.
 * PORTOLAN_DIALECT picks one.
 */
#include "test.h"

#include "base/strmap.h"
#include "random-policy.h"

/* Each piece of output after a text, up to one of some bytes, is at most this long. */
static const struct limit {
	const char *dialect, *before, *end;
	size_t longest;
} limits[] = {
	{ "nftables", "comment \"", "\"", 128 },
	{ "nftables", "\tset ", " ", 128 },
	{ "iptables", "create ", " ", 31 },
	{ "iptables", "--match-set ", " ", 31 },
	{ "iptables", "--comment \"", "\"", 255 },
	{ "iptables", "\n:", " ", 28 },
	{ "cisco-ios", "object-group network ", " \n", 64 },
	{ "cisco-ios", "object-group service ", " \n", 64 },
	{ "cisco-ios", "access-list extended ", " \n", 64 },
	{ "cisco-ios", "remark ", "\n", 100 },
	{ "cisco-ios", " description ", "\n", 200 },
	{ "cisco-ios", "\n", "\n", 254 },
	{ "cisco-asa", "object-group network ", " \n", 64 },
	{ "cisco-asa", "object-group service ", " \n", 64 },
	{ "cisco-asa", "access-list ", " \n", 241 },
	{ "cisco-asa", "remark ", "\n", 100 },
	{ "cisco-asa", " description ", "\n", 200 },
	{ "cisco-asa", "\n", "\n", 510 },
	{ "fortigate", "edit \"", "\"", 79 },
	{ "fortigate", "set name \"", "\"", 35 },
	{ "fortigate", "set comment \"", "\"", 255 },
	{ "fortigate", "set comments \"", "\"", 1023 },
	{ "junos", " address-set ", " \n", 63 },
	{ "junos", " address ", " \n", 63 },
	{ "junos", " application ", " \n", 63 },
	{ "junos", " application-set ", " \n", 63 },
	{ "junos", " policy ", " \n", 63 },
	{ "junos", "description \"", "\"", 900 },
	{ "paloalto", " address ", " \n", 65 },
	{ "paloalto", " address-group ", " \n", 65 },
	{ "paloalto", " service ", " \n", 65 },
	{ "paloalto", " rules ", " \n", 65 },
	{ "paloalto", "description \"", "\"", 1023 },
	{ "pf", "<", ">", 31 },
	{ "pf", "label \"", "\"", 63 },
	{ "aws-sg", "\"GroupName\":\"", "\"", 255 },
	{ "aws-sg", "\"Description\":\"", "\"", 255 },
	{ "aws-sg", "\"Value\":\"", "\"", 256 },
	{ "aws-nacl", "\"Value\":\"", "\"", 256 },
	{ "azure-nsg", "\"name\":\"", "\"", 80 },
	{ "azure-nsg", "\"description\":\"", "\"", 140 },
	{ "gcp", "\"name\":\"", "\"", 63 },
	{ "gcp", "\"description\":\"", "\"", 2048 },
	{ "kubernetes", "  name: ", "\n", 63 },
	{ "windows", "-Name '", "'", 512 },
};

/* Each list after a text, up to its end, has at most this many members: one more than its separators. */
static const struct count_limit {
	const char *dialect, *before, *end;
	char separator;
	size_t most;
} count_limits[] = {
	{ "iptables", "--dports ", " ", ',', 15 },
	{ "fortigate", "set member ", "\n", ' ', 300 },
	{ "azure-nsg", "AddressPrefixes\":[", "]", ',', 4000 },
	{ "azure-nsg", "PortRanges\":[", "]", ',', 4000 },
	{ "gcp", "sourceRanges\":[", "]", ',', 256 },
	{ "gcp", "destinationRanges\":[", "]", ',', 256 },
	{ "gcp", "\"ports\":[", "]", ',', 256 },
};

/* How many statements of a kind there may be. */
static const struct statement_limit {
	const char *dialect, *text;
	size_t most;
} statement_limits[] = {
	{ "azure-nsg", "\"priority\":", 1000 },
	{ "aws-nacl", "\"Egress\":false", 80 },
	{ "aws-nacl", "\"Egress\":true", 80 },
};

/* Names that must all differ, as statements begin that make something; 0: in more than the case of letters. */
static const struct limit makers[] = {
	{ "nftables", "\n\tset ", " ", 1 },
	{ "iptables", "\ncreate ", " ", 1 },
	{ "cisco-ios", "\nobject-group ", "\n", 1 },
	{ "cisco-asa", "\nobject-group ", "\n", 1 },
	{ "pf", "\ntable <", ">", 1 },
	{ "gcp", "\"name\":\"", "\"", 0 },
	{ "azure-nsg", "\"name\":\"", "\"", 0 },
	{ "aws-sg", "\"GroupName\":\"", "\"", 0 },
	{ "windows", "-Name '", "'", 0 },
};

static bool met[ARRAY_LEN(limits)]; /* the checker found what it measures */

static size_t stretch(struct str s, const char *end)
{
	size_t n = 0;
	while (n < s.n && !strchr(end, s.p[n]))
		n++;
	return n;
}

static bool next_after(struct str *rest, const char *before)
{
	size_t at = str_find_text(*rest, str_of(before));
	if (at == SIZE_MAX)
		return false;
	*rest = str_skip(*rest, at + strlen(before));
	return true;
}

static void check_text(struct arena *a, const struct dialect *x, struct str text)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		struct str rest = text;
		while (strcmp(limits[i].dialect, x->name) == 0 && next_after(&rest, limits[i].before)) {
			met[i] = true;
			size_t n = stretch(rest, limits[i].end);
			if (n > limits[i].longest)
				fail_msg("%s takes %zu bytes behind \"%s\"; these are %zu: %.*s", x->name,
					 limits[i].longest, limits[i].before, n,
					 STR_ARG(str_first(rest, MIN(n, 300u))));
			if (strcmp(limits[i].before, "\n") == 0)
				rest = str_skip(rest, n);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(count_limits); i++) {
		struct str rest = text;
		const struct count_limit *l = &count_limits[i];
		while (strcmp(l->dialect, x->name) == 0 && next_after(&rest, l->before)) {
			size_t n = 1, end = stretch(rest, l->end);
			for (size_t k = 0; k < end; k++)
				n += rest.p[k] == l->separator ||
				     (rest.p[k] == ':' && l->separator == ',' && !strchr(l->end, ']'));
			if (n > l->most)
				fail_msg("%s takes %zu members behind \"%s\"; these are %zu", x->name, l->most,
					 l->before, n);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(statement_limits); i++) {
		struct str rest = text;
		size_t n = 0;
		while (strcmp(statement_limits[i].dialect, x->name) == 0 && next_after(&rest, statement_limits[i].text))
			n++;
		if (n > statement_limits[i].most)
			fail_msg("%s takes %zu of %s; these are %zu", x->name, statement_limits[i].most,
				 statement_limits[i].text, n);
	}
	for (size_t i = 0; i < ARRAY_LEN(makers); i++) {
		struct strmap seen = strmap_new(a);
		struct str rest = text;
		while (strcmp(makers[i].dialect, x->name) == 0 && next_after(&rest, makers[i].before)) {
			struct str name = str_first(rest, stretch(rest, makers[i].end));
			/* some make one of two names that differ in the case of letters */
			if (!strmap_add(&seen, makers[i].longest ? name : str_lower(a, name), a))
				fail_msg("%s: \"%.*s\" is made twice", x->name, STR_ARG(name));
		}
	}
}

/* AWS counts the rules of a group in each direction, of each family. */
static void check_aws_groups(const struct dialect *x, struct str text)
{
	struct str rest = text;
	if (strcmp(x->name, "aws-sg") != 0)
		return;
	while (next_after(&rest, "\"IpPermissions")) {
		size_t end = str_find_text(rest, STR("\"IpPermissions")), n[2] = { 0, 0 };
		for (int f = 0; f < 2; f++) {
			struct str part = str_first(rest, MIN(end, rest.n));
			while (next_after(&part, f ? "\"CidrIpv6\"" : "\"CidrIp\""))
				n[f]++;
			if (n[f] > 60)
				fail_msg("AWS takes 60 rules in a direction of a group; these are %zu", n[f]);
		}
	}
}

/* Proven in parts: a proof takes few services of a flow at once. */
static struct proof prove_large(struct arena *a, const struct policy *p, const struct ruleset *r)
{
	enum { MOST = 8 };
	VEC(struct required) required = { 0 };
	struct flowbox judged[N_ZONES * N_ZONES];
	struct interface_map map = zone_map(a, p);
	for (size_t i = 0; i < p->n_relations; i++) {
		struct flowbox b = policy_box(a, p, &p->relations[i]);
		for (size_t k = 0; k < b.n_services; k += MOST) {
			struct flowbox part = b;
			part.services = &b.services[k];
			part.n_services = MIN(b.n_services - k, (size_t)MOST);
			*VEC_ADD(a, &required) = (struct required){ .box = part, .client_ports = { 1024, 65535 } };
		}
	}
	size_t n = judged_of(a, p, judged), n_beside;
	const struct flowbox *beside = beside_of(a, p, r, &n_beside);
	return prove(a, r,
		     &(struct proof_question){ .map = &map,
					       .required = required.v,
					       .n_required = required.n,
					       .tolerated = beside,
					       .n_tolerated = n_beside,
					       .judged = judged,
					       .n_judged = n });
}

/* The limit that an error of a platform has to name, which no other number of these policies is. */
static bool names_its_limit(struct arena *a, const struct dialect *x, struct diag *d)
{
	static const struct {
		const char *dialect, *text;
	} refusals[] = {
		{ "aws-sg", "exceed the 60 of a security group" },
		{ "aws-sg", "more members than the 50 tags" },
		{ "aws-nacl", "exceed the 40 that a network ACL may have" },
		{ "azure-nsg", "4000" },
		{ "azure-nsg", "1000" },
		{ "cisco-ios", "more than 4096" },
	};
	struct str text = diag_text(a, d);
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		if (strcmp(refusals[i].dialect, x->name) == 0 &&
		    str_find_text(text, str_of(refusals[i].text)) != SIZE_MAX)
			return true;
	return false;
}

/* True when it was written. */
static bool check_emission(struct arena *a, const struct dialect *x, const struct policy *p)
{
	struct diag *d = diag_new(a);
	struct str text;
	if (!emit(a, x, p, &text, d)) {
		/* nothing incomplete is written, and the reason is reported */
		assert_true(diag_errors(d) > 0);
		if (!names_its_limit(a, x, d))
			fail_msg("%s does not name its limit: %.*s", x->name, STR_ARG(diag_text(a, d)));
		return false;
	}
	/* nothing is cut within a letter; Registry.pol is not text of this kind */
	if (strcmp(x->name, "windows-pol") != 0 && !str_is_utf8(text))
		fail_msg("%s: this is not UTF-8", x->name);
	check_text(a, x, text);
	check_aws_groups(x, text);
	const struct ruleset *r = read(a, x, p->side, text, d);
	if (!r)
		fail_msg("%s: %.*s", x->name, STR_ARG(diag_text(a, d)));
	struct proof k = prove_large(a, p, r);
	if (k.verdict != VERDICT_HOLDS) {
		explain(x, str_first(text, 2000), &k);
		fail_msg("%s: what is emitted and read back is not what was asked for", x->name);
	}
	return true;
}

/* Names that differ late, in their letters' case, or in bytes that platforms do not take. */
static struct str odd_name(struct arena *a, const char *stem, size_t i)
{
	static const char *const odd[] = { "web.one", "web_one", "web-one", "Web.One", "web.one-2" };
	if (i < ARRAY_LEN(odd))
		return str_printf(a, "%s.%s", stem, odd[i]);
	char *text = arena_alloc(a, 300);
	memset(text, 'x', 250);
	return str_printf(a, "%s-%s-%zu", stem, text, i);
}

enum { N_RELATIONS = 9 };

static struct policy *with_odd_names(struct arena *a, const struct dialect *x)
{
	struct policy *p = ARENA_NEW(a, struct policy);
	struct policy_group *groups = ARENA_ARRAY(a, struct policy_group, 2 * N_RELATIONS);
	struct policy_services *services = ARENA_ARRAY(a, struct policy_services, N_RELATIONS);
	struct relation *relations = ARENA_ARRAY(a, struct relation, N_RELATIONS);
	char *about = arena_alloc(a, 3000);
	memset(about, 'y', 2500);
	for (size_t i = 0; i < N_RELATIONS; i++) {
		struct policy_service *s = ARENA_ARRAY(a, struct policy_service, 2);
		struct addr_range src[2] = { { IPV4, 0x0a140000 + i * 16, 0x0a140000 + i * 16 },
					     { IPV4, 0x0a140102 + i * 16, 0x0a140104 + i * 16 } };
		struct addr_range dst[2] = { { IPV4, 0x0a010000 + i, 0x0a010000 + i },
					     { IPV4, 0x0a010200 + i * 8, 0x0a010200 + i * 8 } };
		s[0] = (struct policy_service){ .name = STR("svc"),
						.term = service_of(PROTO_TCP, (struct port_range){ 443, 443 }) };
		s[1] = (struct policy_service){
			.name = STR("svc"),
			.term = service_of(PROTO_UDP, (struct port_range){ (uint16_t)(500 + i), (uint16_t)(500 + i) })
		};
		groups[2 * i] = (struct policy_group){ odd_name(a, "src", i), addrset_of(a, src, 2), str_of(about) };
		groups[2 * i + 1] =
			(struct policy_group){ odd_name(a, "dst", i), addrset_of(a, dst, 2), str_of(about) };
		/* one host on the side of the host that the firewall belongs to */
		if (!x->for_transit)
			groups[2 * i + 1].addresses =
				addrset_of(a, (struct addr_range[]){ { IPV4, 0x0a01004d, 0x0a01004d } }, 1);
		services[i] = (struct policy_services){ odd_name(a, "ports", i), s, 2 };
		relations[i] = (struct relation){ .id = str_printf(a, "r-%08zx", i),
						  .about = str_of(about),
						  .title = str_of(about),
						  .src = (uint32_t)(2 * i),
						  .dst = (uint32_t)(2 * i + 1),
						  .services = (uint32_t)i };
	}
	*p = (struct policy){ .name = odd_name(a, "edge", 7),
			      .estate = odd_name(a, "estate", 8),
			      .side = x->for_transit ? POLICY_TRANSIT : POLICY_INBOUND,
			      .zones = make_zones(a),
			      .n_zones = x->for_transit ? N_ZONES : 0,
			      .groups = groups,
			      .n_groups = 2 * N_RELATIONS,
			      .services = services,
			      .n_services = N_RELATIONS,
			      .relations = relations,
			      /* of a network ACL, few entries */
			      .n_relations = strcmp(x->name, "aws-nacl") == 0 ? 4 : N_RELATIONS };
	return p;
}

static struct policy *large(struct arena *a, const struct dialect *x, size_t n_addresses, size_t n_ports)
{
	struct policy *p = ARENA_NEW(a, struct policy);
	struct policy_group *groups = ARENA_ARRAY(a, struct policy_group, 2);
	struct policy_services *services = ARENA_NEW(a, struct policy_services);
	struct relation *relation = ARENA_NEW(a, struct relation);
	struct addr_range *v = ARENA_ARRAY(a, struct addr_range, n_addresses);
	struct policy_service *s = ARENA_ARRAY(a, struct policy_service, n_ports);
	struct addr_range dst = { IPV4, 0x0a01004d, 0x0a01004d };
	/* hosts with a gap between two: no prefix holds several */
	for (size_t i = 0; i < n_addresses; i++)
		v[i] = (struct addr_range){ IPV4, 0x0a140000 + 2 * i, 0x0a140000 + 2 * i };
	for (size_t i = 0; i < n_ports; i++) {
		uint16_t port = (uint16_t)(1000 + 3 * i);
		s[i] = (struct policy_service){ .name = STR("svc"),
						.term = service_of(
							i % 8 ? PROTO_TCP : PROTO_UDP,
							(struct port_range){ port, (uint16_t)(port + (i % 5 == 0)) }) };
	}
	groups[0] =
		(struct policy_group){ STR_INIT("clients"), addrset_of(a, v, n_addresses), STR_INIT("all of them") };
	groups[1] = (struct policy_group){ STR_INIT("servers"), addrset_of(a, &dst, 1), STR_INIT("web1") };
	*services = (struct policy_services){ STR_INIT("many-ports"), s, n_ports };
	*relation = (struct relation){ .id = STR_INIT("r-00000001"),
				       .about = STR_INIT("many"),
				       .title = STR_INIT("clients to servers"),
				       .dst = 1 };
	*p = (struct policy){ .name = STR("edge"),
			      .estate = STR("test"),
			      .side = x->for_transit ? POLICY_TRANSIT : POLICY_INBOUND,
			      .zones = make_zones(a),
			      .n_zones = x->for_transit ? N_ZONES : 0,
			      .groups = groups,
			      .n_groups = 2,
			      .services = services,
			      .n_services = 1,
			      .relations = relation,
			      .n_relations = 1 };
	return p;
}

/* A letter of each of forty writing systems and more, of one to four bytes; those that follow it are taken as well. */
static const uint32_t scripts[] = {
	0x61,   /* Latin */ 0xe0,       /* with marks */ 0x3b1, /* Greek */ 0x430,       /* Cyrillic */
	0x561,  /* Armenian */ 0x5d0,   /* Hebrew */ 0x620,     /* Arabic */ 0x710,      /* Syriac */
	0x780,  /* Thaana */ 0x7ca,     /* N'Ko */ 0x905,       /* Devanagari */ 0x985,  /* Bengali */
	0xa05,  /* Gurmukhi */ 0xa85,   /* Gujarati */ 0xb05,   /* Odia */ 0xb85,        /* Tamil */
	0xc05,  /* Telugu */ 0xc85,     /* Kannada */ 0xd05,    /* Malayalam */ 0xd85,   /* Sinhala */
	0xe01,  /* Thai */ 0xe81,       /* Lao */ 0xf40,        /* Tibetan */ 0x1000,    /* Myanmar */
	0x10d0, /* Georgian */ 0x1100,  /* Hangul */ 0x1200,    /* Ethiopic */ 0x13a0,   /* Cherokee */
	0x1401, /* Canadian */ 0x1681,  /* Ogham */ 0x16a0,     /* Runic */ 0x1780,      /* Khmer */
	0x1820, /* Mongolian */ 0x2d30, /* Tifinagh */ 0x3041,  /* Hiragana */ 0x30a1,   /* Katakana */
	0x3105, /* Bopomofo */ 0x4e00,  /* Han */ 0xa000,       /* Yi */ 0xac00,         /* Hangul */
	0x1b05, /* Balinese */ 0x10330, /* Gothic */ 0x12000,   /* Cuneiform */ 0x13000, /* hieroglyphs */
};

/* 1,200 letters of one of them, in words that grow; every other text has no spaces. */
static struct str text_in_script(struct arena *a, size_t i)
{
	enum { LETTERS = 1200, KINDS = 20 };
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	char bytes[4];
	size_t word = 0, longest = 1;
	for (size_t k = 0; k < LETTERS; k++) {
		out_bytes(&o, bytes, utf8_of(scripts[i % ARRAY_LEN(scripts)] + (uint32_t)(k % KINDS), bytes));
		if (i % 2 || ++word < longest)
			continue;
		out_char(&o, ' ');
		word = 0;
		longest = longest % 40 + 1;
	}
	return str_dup(a, out_view(&o));
}

struct word_list {
	const struct str *v;
	size_t n;
};

/* Words that languages reserve, of all the lists that there are. */
static struct word_list read_words(struct arena *a)
{
	static const char *const files[] = { "fortigate", "junos", "nftables", "paloalto", "pf" };
	const char *root = getenv("PORTOLAN_SOURCE");
	struct diag *d = diag_new(a);
	struct strmap seen = strmap_new(a);
	VEC(struct str) words = { 0 };
	if (!root)
		fail_msg("PORTOLAN_SOURCE is not set: run this test through meson");
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct source *s =
			source_read(a, arena_printf(a, "%s/tests/data/words/%s.txt", root, files[i]), 1 << 20, d);
		struct str rest = s ? s->text : NO_STR, line, word;
		assert_non_null(s);
		while (str_cut(&rest, '\n', &line))
			while (!str_starts(line, "#") && str_word(&line, &word))
				/* groups' names begin with a letter and differ */
				if (word.p[0] >= 'a' && word.p[0] <= 'z' && strmap_add(&seen, word, a))
					*VEC_ADD(a, &words) = word;
	}
	return (struct word_list){ words.v, words.n };
}

/* n pairs of hosts, from one on: each host is a group named after a word, and says everything in one of the scripts. */
static struct policy *of_words(struct arena *a, const struct dialect *x, struct word_list words, size_t from, size_t n)
{
	struct policy *p = large(a, x, 1, 1);
	struct policy_group *groups = ARENA_ARRAY(a, struct policy_group, 2 * n);
	struct policy_services *services = ARENA_ARRAY(a, struct policy_services, n);
	struct relation *relations = ARENA_ARRAY(a, struct relation, n);
	for (size_t i = 0; i < n; i++) {
		size_t at = from + i;
		struct str text = text_in_script(a, at);
		struct policy_service *s = ARENA_NEW(a, struct policy_service);
		struct addr_range src[2] = { { IPV4, 0x0a140000 + at * 4, 0x0a140000 + at * 4 },
					     { IPV4, 0x0a140002 + at * 4, 0x0a140002 + at * 4 } };
		struct addr_range dst = { IPV4, 0x0a010000 + at, 0x0a010000 + at };
		*s = (struct policy_service){ .name = STR("svc"),
					      .term = service_of(PROTO_TCP,
								 (struct port_range){ (uint16_t)(1000 + at),
										      (uint16_t)(1000 + at) }) };
		groups[2 * i] = (struct policy_group){ words.v[at % words.n], addrset_of(a, src, 2), text };
		groups[2 * i + 1] = (struct policy_group){ str_printf(a, "to-%.*s", STR_ARG(words.v[at % words.n])),
							   addrset_of(a, &dst, 1), text };
		if (!x->for_transit)
			groups[2 * i + 1].addresses = p->groups[1].addresses;
		services[i] = (struct policy_services){ words.v[(at + 1) % words.n], s, 1 };
		relations[i] = (struct relation){ .id = str_printf(a, "r-%08zx", at),
						  .about = str_printf(a, "r-%08zx: %.*s", at, STR_ARG(text)),
						  .title = text,
						  .src = (uint32_t)(2 * i),
						  .dst = (uint32_t)(2 * i + 1),
						  .services = (uint32_t)i };
	}
	p->estate = text_in_script(a, from);
	p->groups = groups;
	p->n_groups = 2 * n;
	p->services = services;
	p->n_services = n;
	p->relations = relations;
	p->n_relations = n;
	return p;
}

/* Platforms that cannot hold so much: the error states it. */
static bool may_refuse(const struct dialect *x)
{
	return strncmp(x->name, "aws-", 4) == 0 || strcmp(x->name, "azure-nsg") == 0;
}

static void unusual_names_stay_within_limits_and_distinct(void **state)
{
	for (size_t i = 0; dialects[i]; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		if (chosen(dialects[i]) && !check_emission(a, dialects[i], with_odd_names(a, dialects[i])))
			fail_msg("%s does not write a policy of odd names", dialects[i]->name);
	}
}

static void large_lists_stay_within_limits(void **state)
{
	/* More of one thing than any list takes, and enough of the other for lists of both. */
	static const struct {
		size_t addresses, ports;
	} shapes[] = { { 10000, 20 }, { 400, 300 } };
	for (size_t i = 0; dialects[i]; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		if (!chosen(dialects[i]))
			continue;
		for (size_t k = 0; k < ARRAY_LEN(shapes); k++)
			if (!check_emission(a, dialects[i],
					    large(a, dialects[i], shapes[k].addresses, shapes[k].ports)) &&
			    !may_refuse(dialects[i]))
				fail_msg("%s does not write a policy of %zu addresses and %zu ports", dialects[i]->name,
					 shapes[k].addresses, shapes[k].ports);
	}
}

static void lists_of_medium_size_are_written_in_every_dialect(void **state)
{
	for (size_t i = 0; dialects[i]; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		if (chosen(dialects[i]) && !check_emission(a, dialects[i], large(a, dialects[i], 18, 2)))
			fail_msg("%s does not write a policy of eighteen hosts", dialects[i]->name);
	}
}

/* 200 pairs of hosts, and of a platform of few entries as many of them as fit. */
static void reserved_words_and_texts_of_forty_writing_systems_are_written(void **state)
{
	enum { PAIRS = 200, FEW = 15 };
	struct arena *words_in = arena_new();
	struct word_list words = read_words(words_in);
	for (size_t i = 0; dialects[i]; i++) {
		size_t step = dialects[i]->for_transit ? PAIRS : FEW;
		for (size_t from = 0; chosen(dialects[i]) && from < PAIRS; from += step) {
			CLEANUP(arena_freep) struct arena *a = arena_new();
			size_t n = MIN(step, PAIRS - from);
			if (!check_emission(a, dialects[i], of_words(a, dialects[i], words, from, n)))
				fail_msg("%s does not write a policy of %zu pairs of hosts", dialects[i]->name, n);
		}
	}
	arena_free(words_in);
}

static void three_thousand_addresses_are_written_or_exceed_a_limit_that_is_named(void **state)
{
	for (size_t i = 0; dialects[i]; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		if (chosen(dialects[i]) && !check_emission(a, dialects[i], large(a, dialects[i], 3000, 1)) &&
		    !may_refuse(dialects[i]))
			fail_msg("%s does not take 3,000 addresses", dialects[i]->name);
	}
}

static void each_limit_was_reached(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (chosen_name(limits[i].dialect) && !met[i])
			fail_msg("%s: nothing was written behind \"%s\"", limits[i].dialect, limits[i].before);
}

RUN_TESTS(T(unusual_names_stay_within_limits_and_distinct), T(large_lists_stay_within_limits),
	  T(lists_of_medium_size_are_written_in_every_dialect),
	  T(reserved_words_and_texts_of_forty_writing_systems_are_written),
	  T(three_thousand_addresses_are_written_or_exceed_a_limit_that_is_named), T(each_limit_was_reached))
