/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laws of the catalogue that no fact file states: what can be planned, what
 * belongs together, and how it is written.
 */
#include "test.h"

#include <unistd.h>

#include "model/catalogue.h"

static const struct catalogue *cat = &catalogue_builtin;

static bool planned(const struct need *n)
{
	return !n->unplanned.n && !n->withdrawn && n->erratum != ERRATUM_WITHDRAWS;
}

static bool is_service(const struct need *n, const char *id)
{
	return str_is(cat->services[n->service].id, id);
}

#define EACH_NEED(n) (const struct need *n = cat->needs; n < cat->needs + cat->n_needs; n++)

static void a_need_without_a_number_is_not_planned(void **state)
{
	for
		EACH_NEED(n)
	if (planned(n) && (n->ports.kind == PORTS_UNKNOWN || n->protocol == 0) &&
	    cat->services[n->service].resolves != SERVICE_RPC_STATIC)
		fail_msg("%.*s", STR_ARG(n->id));
}

/* Where the service does not state how, the row has only its own numbers. */
static void a_planned_need_of_fixed_ports_has_numbers(void **state)
{
	for
		EACH_NEED(n)
	if (planned(n) && cat->services[n->service].resolves == SERVICE_FIXED && protocol_has_ports(n->protocol) &&
	    n->ports.n == 0 && n->plan_default.lo == 0)
		fail_msg("%.*s", STR_ARG(n->id));
}

static void a_need_to_any_role_is_planned_only_where_administration_is_bounded(void **state)
{
	for
		EACH_NEED(n)
	if (planned(n) && n->to == ROLE_ANY && n->administration != ADMINISTRATION_BOUNDED)
		fail_msg("%.*s", STR_ARG(n->id));
}

static void what_an_administrator_opens_is_administration(void **state)
{
	int admin = catalogue_role(cat, STR("management-workstation"));
	assert_true(admin >= 0);
	for
		EACH_NEED(n)
	if (planned(n) && n->from == admin && !n->administration)
		fail_msg("%.*s", STR_ARG(n->id));
}

static bool is_collective(role_id role)
{
	return role != ROLE_ANY && str_is(cat->roles[role].id, "site-system");
}

static void a_collective_role_lists_its_members(void **state)
{
	for
		EACH_NEED(n)
	if ((is_collective(n->from) && !n->from_members.n) || (is_collective(n->to) && !n->to_members.n))
		fail_msg("%.*s", STR_ARG(n->id));
}

static bool names_a_port_of_rpc(const struct need *n)
{
	enum service_ports r = cat->services[n->service].resolves;
	return r == SERVICE_RPC || r == SERVICE_RPC_STATIC || str_is(cat->services[n->service].application, "dcerpc");
}

/* 135 only names the port of a service: opening it alone permits no conversation. */
static bool stands_alone(const struct need *epm)
{
	for
		EACH_NEED(n)
	if (n->document == epm->document && n->from == epm->from && n->to == epm->to && planned(n) &&
	    names_a_port_of_rpc(n))
		return false;
	return true;
}

static void the_endpoint_mapper_is_never_planned_without_a_port_that_it_names(void **state)
{
	/* where a program, another document or the ports of the service decide */
	static const char *const excepted[] = {
		"configmgr-current/client-firewall/configmgr-console-to-configmgr-client/rpc-epm-tcp",
		"configmgr-current/sql/any-to-sql-server-availability-group-replica/rpc-epm-tcp",
		"defender-identity/internal/defender-identity-sensor-to-windows-host/rpc-epm-tcp",
		"failover-clustering/failover-cluster-node-to-failover-cluster-node/rpc-epm-tcp",
		"sql-server/any-to-sql-server/rpc-epm-tcp",
		"sql-server/any-to-sql-server/rpc-epm-tcp-2",
		"windows-service-overview/any-to-windows-host/rpc-epm-tcp",
	};
	for
		EACH_NEED(epm)
		{
			bool is_excepted = false;
			if (!planned(epm) || !is_service(epm, "rpc-epm"))
				continue;
			for (size_t i = 0; i < ARRAY_LEN(excepted); i++)
				is_excepted |= str_is(epm->id, excepted[i]);
			if (stands_alone(epm) != is_excepted)
				fail_msg("%.*s", STR_ARG(epm->id));
		}
}

static void rpc_over_udp_and_tls_over_udp_are_withdrawn_everywhere(void **state)
{
	for
		EACH_NEED(n)
	if (n->protocol == PROTO_UDP && planned(n) && (is_service(n, "rpc-epm") || is_service(n, "ldaps")))
		fail_msg("%.*s", STR_ARG(n->id));
}

static void systems_are_in_order_of_age_with_the_range_of_their_age(void **state)
{
	uint32_t generation = 0;
	for (size_t i = 0; i < cat->n_systems; i++) {
		const struct system *s = &cat->systems[i];
		if (!s->windows)
			continue;
		assert_true(s->generation >= generation);
		generation = s->generation;
		assert_int_equal(s->dynamic_tcp.lo, generation < 60 ? 1025 : 49152);
		assert_int_equal(s->dynamic_tcp.hi, generation < 60 ? 5000 : 65535);
		assert_int_equal(s->dynamic_udp.lo, s->dynamic_tcp.lo);
		assert_int_equal(s->dynamic_udp.hi, s->dynamic_tcp.hi);
	}
}

static void every_setting_moves_or_explains_a_port(void **state)
{
	for (size_t i = 0; i < cat->n_settings; i++) {
		bool used = false;
		for
			EACH_NEED(n)
		for (size_t k = 0; k < n->settings.n; k++)
			used |= str_eq(n->settings.v[k], cat->settings[i].id);
		if (!used)
			fail_msg("no need names the setting %.*s", STR_ARG(cat->settings[i].id));
	}
}

/* What an estate states under rpc: must be able to affect some row. */
static void every_setting_that_pins_a_port_is_on_an_rpc_row(void **state)
{
	for
		EACH_NEED(n)
	for (size_t k = 0; k < n->settings.n; k++) {
		int i = catalogue_setting(cat, n->settings.v[k]);
		assert_true(i >= 0);
		if (cat->settings[i].pins.n && planned(n) && !names_a_port_of_rpc(n))
			fail_msg("%.*s", STR_ARG(n->id));
	}
}

static void an_older_version_is_superseded_and_a_newer_one_is_not(void **state)
{
	static const char *const old[] = { "adcs-firewall-rules", "cep-ces-custom-port", "configmgr-2012",
					   "hybrid-identity" };
	for (size_t i = 0; i < cat->n_documents; i++) {
		bool is_old = false;
		for (size_t k = 0; k < ARRAY_LEN(old); k++)
			is_old |= str_is(cat->documents[i].id, old[k]);
		assert_int_equal(cat->documents[i].superseded, is_old);
	}
}

/* "A|B" is one of them; both are features. */
static void alternatives_of_a_condition_are_features_of_their_own(void **state)
{
	bool sso = false, writeback = false;
	for (size_t i = 0; i < cat->features.n; i++) {
		assert_true(str_is_name(cat->features.v[i]));
		sso |= str_is(cat->features.v[i], "seamless-sso");
		writeback |= str_is(cat->features.v[i], "password-writeback");
	}
	assert_true(sso && writeback);
}

static struct str read_with_document(struct arena *a, const char *needs, const struct catalogue **ret)
{
	char folder[] = "/tmp/portolan-test-XXXXXX";
	const char *root = getenv("PORTOLAN_SOURCE");
	struct diag *d = diag_new(a);

	if (!root)
		fail_msg("PORTOLAN_SOURCE is not set: run this test through meson");
	assert_non_null(mkdtemp(folder));
	const char *vocabulary = arena_printf(a, "%s/vocabulary", folder);
	const char *document = arena_printf(a, "%s/test.yaml", folder);
	assert_int_equal(symlink(arena_printf(a, "%s/catalogue/vocabulary", root), vocabulary), 0);
	FILE *f = fopen(document, "w");
	assert_non_null(f);
	fprintf(f,
		"document: test\ntitle: Test\nsource: here\nsections:\n  - title: A\n    from: site-server\n"
		"    to: sql-server\n    why: It does.\n    needs:\n%s",
		needs);
	fclose(f);
	*ret = catalogue_read(a, folder, d);
	unlink(document);
	unlink(vocabulary);
	rmdir(folder);
	return diag_text(a, d);
}

static void a_correction_replaces_the_row_that_it_corrects_and_no_other(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct catalogue *c;
	read_with_document(a,
			   "      - { service: mssql, protocol: tcp, ports: 1433 }\n"
			   "      - { service: mssql, protocol: tcp, ports: 1433, to: site-server }\n"
			   "      - { service: mssql, protocol: tcp, ports: 1434, erratum: corrects, source: there }\n",
			   &c);
	assert_non_null(c);
	assert_int_equal(c->n_needs, 3);
	assert_true(c->needs[0].withdrawn);
	assert_false(c->needs[1].withdrawn);
	assert_false(c->needs[2].withdrawn);
}

static void a_withdrawal_of_any_role_reaches_every_row_of_its_service_and_protocol(void **state)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct catalogue *c;
	read_with_document(a,
			   "      - { service: rpc-epm, protocol: both, ports: 135 }\n"
			   "      - { service: rpc-epm, protocol: both, ports: 135, to: site-server }\n"
			   "      - { from: \"*\", to: \"*\", service: rpc-epm, protocol: udp, ports: 135,\n"
			   "          erratum: withdraws, source: there }\n",
			   &c);
	assert_non_null(c);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(c->needs[i].withdrawn, c->needs[i].protocol == PROTO_UDP);
}

static void an_erratum_that_fits_no_row_is_an_error_at_its_place(void **state)
{
	static const char *const errata[] = { "corrects", "withdraws" };
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct catalogue *c;
	for (size_t i = 0; i < ARRAY_LEN(errata); i++) {
		struct str said = read_with_document(
			a,
			arena_printf(
				a,
				"      - { service: mssql, protocol: tcp, ports: 1433 }\n"
				"      - { service: smb, protocol: tcp, ports: 445, erratum: %s, source: there }\n",
				errata[i]),
			&c);
		assert_null(c);
		assert_contains(said, "test.yaml:11:9: error: this erratum matches no need of its document");
	}
}

static void a_condition_names_one_feature_or_several(void **state)
{
	static const struct {
		const char *when, *said;
	} cases[] = {
		{ "from feature a|b", NULL },
		{ "to placed", NULL },
		{ "from not placed", NULL },
		{ "from feature a|", "is not an optional function" },
		{ "from feature |b", "is not an optional function" },
		{ "from feature a||b", "is not an optional function" },
		{ "from feature a,b", "is not an optional function" },
		{ "to placed here", "takes no argument" },
		{ "to plcaed", "did you mean \"placed\"?" },
	};
	CLEANUP(arena_freep) struct arena *a = arena_new();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct catalogue *c;
		struct str said = read_with_document(
			a,
			arena_printf(a, "      - { service: smb, protocol: tcp, ports: 445, when: [\"%s\"] }\n",
				     cases[i].when),
			&c);
		assert_int_equal(c == NULL, cases[i].said != NULL);
		if (cases[i].said)
			assert_contains(said, cases[i].said);
	}
}

static void a_system_other_than_windows_is_as_new_as_the_newest(void **state)
{
	system_id vista = (system_id)catalogue_system(cat, STR("windows-vista"));
	system_id xp = (system_id)catalogue_system(cat, STR("windows-xp"));
	system_id server = (system_id)catalogue_system(cat, STR("windows-server-2008"));
	system_id debian = (system_id)catalogue_system(cat, STR("linux"));

	assert_true(catalogue_older_than(cat, xp, vista));
	assert_false(catalogue_older_than(cat, server, vista));
	assert_false(catalogue_older_than(cat, vista, server));
	assert_false(catalogue_older_than(cat, debian, vista));
	assert_false(catalogue_older_than(cat, NO_SYSTEM, vista));
}

static void check_sentence(struct str id, struct str s)
{
	static const char *const words[] = { "TODO", "  ", " ." };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_contains_ci(s, str_of(words[i])))
			fail_msg("%.*s says \"%s\": %.*s", STR_ARG(id), words[i], STR_ARG(s));
}

static void sentences_are_whole_and_end_with_a_full_stop(void **state)
{
	for
		EACH_NEED(n)
		{
			const struct str sentences[] = { n->why, n->note, n->uncertain };
			for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
				check_sentence(n->id, sentences[i]);
				if (sentences[i].n && !str_ends(sentences[i], "."))
					fail_msg("%.*s: \"%.*s\"", STR_ARG(n->id), STR_ARG(sentences[i]));
			}
			check_sentence(n->id, n->unplanned);
			check_sentence(n->id, n->source);
			/* printed after "not planned: " */
			if (n->unplanned.n && (str_ends(n->unplanned, ".") || n->unplanned.p[0] < 'a'))
				fail_msg("%.*s: \"%.*s\"", STR_ARG(n->id), STR_ARG(n->unplanned));
		}
	for (size_t i = 0; i < cat->n_documents; i++)
		check_sentence(cat->documents[i].id, cat->documents[i].about);
}

RUN_TESTS(T(a_need_without_a_number_is_not_planned), T(a_planned_need_of_fixed_ports_has_numbers),
	  T(a_need_to_any_role_is_planned_only_where_administration_is_bounded),
	  T(what_an_administrator_opens_is_administration), T(a_collective_role_lists_its_members),
	  T(the_endpoint_mapper_is_never_planned_without_a_port_that_it_names),
	  T(rpc_over_udp_and_tls_over_udp_are_withdrawn_everywhere),
	  T(systems_are_in_order_of_age_with_the_range_of_their_age), T(every_setting_moves_or_explains_a_port),
	  T(every_setting_that_pins_a_port_is_on_an_rpc_row), T(an_older_version_is_superseded_and_a_newer_one_is_not),
	  T(alternatives_of_a_condition_are_features_of_their_own),
	  T(a_correction_replaces_the_row_that_it_corrects_and_no_other),
	  T(a_withdrawal_of_any_role_reaches_every_row_of_its_service_and_protocol),
	  T(an_erratum_that_fits_no_row_is_an_error_at_its_place), T(a_condition_names_one_feature_or_several),
	  T(a_system_other_than_windows_is_as_new_as_the_newest), T(sentences_are_whole_and_end_with_a_full_stop))
