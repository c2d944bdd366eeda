/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/complete.h"

#include "base/strmap.h"
#include "base/vec.h"
#include "cli/estate.h"
#include "dialect/dialect.h"

/* A command line that is not complete, as far as it can be understood. */
struct completing {
	struct invocation *call;
	struct out *out;
	struct str word;   /* what is completed */
	struct str before; /* "--at=" of "--at=ed" */
	VEC(const char *) estates;
	const char *catalogue;
	size_t n_operands; /* before the word */
	struct strmap known;
};

static void offer(struct completing *c, struct str word, struct str what)
{
	if (word.n < c->word.n || !str_eq(str_first(word, c->word.n), c->word) || !strmap_add(&c->known, word, c))
		return;
	if (str_is_plain(word, "._-/+"))
		out_printf(c->out, "%.*s%.*s\t%.*s\n", STR_ARG(c->before), STR_ARG(word),
			   STR_ARG(str_shown(c->call->arena, what)));
}

static const struct catalogue *catalogue_of(struct completing *c)
{
	const struct catalogue *read =
		c->catalogue ? catalogue_read(c->call->arena, c->catalogue, c->call->diag) : NULL;
	return c->catalogue ? read : &catalogue_builtin;
}

static const struct estate *estate_of(struct completing *c)
{
	const struct catalogue *catalogue = catalogue_of(c);
	return catalogue && c->estates.n
		       ? estate_read(c->call->arena, catalogue, c->estates.v, c->estates.n, c->call->diag)
		       : NULL;
}

static void offer_roles(struct completing *c)
{
	const struct catalogue *catalogue = catalogue_of(c);
	for (size_t i = 0; catalogue && i < catalogue->n_roles; i++)
		offer(c, catalogue->roles[i].id, catalogue->roles[i].name);
}

static void offer_services(struct completing *c)
{
	const struct catalogue *catalogue = catalogue_of(c);
	for (size_t i = 0; catalogue && i < catalogue->n_services; i++)
		offer(c, catalogue->services[i].id, catalogue->services[i].name);
}

static void offer_documents(struct completing *c)
{
	const struct catalogue *catalogue = catalogue_of(c);
	for (size_t i = 0; catalogue && i < catalogue->n_documents; i++)
		offer(c, catalogue->documents[i].id, catalogue->documents[i].title);
}

static void offer_dialects(struct completing *c)
{
	for (size_t i = 0; dialects[i]; i++)
		offer(c, str_of(dialects[i]->name), str_of(dialects[i]->title));
}

static void offer_firewalls(struct completing *c)
{
	const struct estate *e = estate_of(c);
	for (size_t i = 0; e && i < e->n_firewalls; i++)
		offer(c, e->firewalls[i].name.s, STR("firewall"));
}

static void offer_hosts(struct completing *c)
{
	const struct estate *e = estate_of(c);
	for (size_t i = 0; e && i < e->n_hosts; i++)
		if (!e->hosts[i].implied)
			offer(c, e->hosts[i].name.s, STR("host"));
}

static void offer_zones(struct completing *c)
{
	const struct estate *e = estate_of(c);
	for (size_t i = 0; e && i < e->n_zones; i++)
		offer(c, e->zones[i].name.s, STR("zone"));
}

static void offer_hosts_and_zones(struct completing *c)
{
	offer_hosts(c);
	offer_zones(c);
}

static void offer_commands(struct completing *c)
{
	for (size_t i = 0; c->call->commands[i]; i++)
		offer(c, str_of(c->call->commands[i]->name), str_of(c->call->commands[i]->summary));
}

static void offer_subjects(struct completing *c)
{
	offer_roles(c);
	offer_services(c);
	offer_documents(c);
}

/* What an option's argument is called in the help says what it is; some options by their name. */
static const struct {
	const char *name, *argument;
	void (*offer)(struct completing *c);
} arguments[] = {
	{ NULL, "ROLE", offer_roles },
	{ NULL, "SERVICE", offer_services },
	{ NULL, "DOCUMENT", offer_documents },
	{ NULL, "DIALECT", offer_dialects },
	{ NULL, "FIREWALL", offer_firewalls },
	{ NULL, "HOST", offer_hosts },
	{ NULL, "ZONE", offer_zones },
	{ "dialect", "NAME", offer_dialects },
	{ "old-dialect", "NAME", offer_dialects },
	{ "new-dialect", "NAME", offer_dialects },
	{ "from", "NAME", offer_hosts_and_zones },
	{ "to", "NAME", offer_hosts_and_zones },
	{ "to", "PLACE", offer_hosts_and_zones },
};

static void offer_argument(struct completing *c, const struct option_row *o)
{
	struct str rest = str_of(o->choices), word, argument = str_of(o->argument);
	while (str_word(&rest, &word))
		offer(c, word, NO_STR);
	for (size_t i = 0; i < ARRAY_LEN(arguments); i++)
		if (str_starts(argument, arguments[i].argument) &&
		    (!arguments[i].name || strcmp(arguments[i].name, o->name) == 0)) {
			arguments[i].offer(c);
			return;
		}
}

static void offer_options(struct completing *c, const struct option_row *o)
{
	for (; o->name; o++)
		offer(c, str_printf(c->call->arena, "--%s", o->name), str_of(o->help));
}

/* "roles|services" of a synopsis. */
static void offer_of_synopsis(struct completing *c, const char *synopsis)
{
	struct str rest = str_of(synopsis), word;
	while (str_find(str_of(synopsis), ' ') == SIZE_MAX && str_cut(&rest, '|', &word))
		if (word.n && word.p[0] >= 'a' && word.p[0] <= 'z')
			offer(c, word, NO_STR);
}

static void offer_operand(struct completing *c, const struct command *command)
{
	struct str name = str_of(command->name);
	bool later = c->n_operands > 0 && !c->estates.n;
	if (str_is(name, "help"))
		offer_commands(c);
	else if (str_is(name, "ports"))
		offer_subjects(c);
	else if (str_is(name, "why"))
		offer_hosts_and_zones(c);
	else if (later && str_is_one_of(name, "probe listen"))
		offer_services(c);
	else if (!c->n_operands)
		offer_of_synopsis(c, command->arguments);
}

static const struct option_row *find(const struct command *command, const char *word)
{
	struct str s = str_of(word), name = str_first(str_skip(s, 2), str_find(str_skip(s, 2), '='));
	return str_starts(s, "--") ? option_row_named(command, name) : option_row_lettered(command, word[1]);
}

/* A shell hands over "~/estate.yaml" as it was typed. */
static const char *expanded(struct arena *a, const char *path)
{
	const char *home = getenv("HOME");
	return home && strncmp(path, "~/", 2) == 0 ? arena_printf(a, "%s%s", home, path + 1) : path;
}

static void take_value(struct completing *c, const struct option_row *o, const char *value)
{
	const char *path = expanded(c->call->arena, value);
	if (strcmp(o->name, "catalogue") == 0)
		c->catalogue = path;
	if (str_is_one_of(str_of(o->name), "estate old new") && is_estate_path(path))
		*VEC_ADD(c->call->arena, &c->estates) = path;
}

/* The words before the one that is completed; the option whose argument that is, or NULL. */
static const struct option_row *take_words(struct completing *c, const struct command *command, char **words, int n)
{
	const struct option_row *waiting = NULL;
	for (int i = 0; i < n; i++) {
		const char *word = words[i], *equals = strchr(word, '=');
		if (waiting) {
			/* bash makes three words of "--at=edge" */
			if (strcmp(word, "=") == 0)
				continue;
			take_value(c, waiting, word);
			waiting = NULL;
		} else if (word[0] == '-' && word[1]) {
			const struct option_row *o = find(command, word);
			bool apart = !equals && (word[1] == '-' || !word[2]);
			waiting = o && o->argument && apart ? o : NULL;
			if (o && o->argument && !apart)
				take_value(c, o, word[1] == '-' ? equals + 1 : word + 2);
		} else {
			const char *path = expanded(c->call->arena, word);
			if (is_estate_path(path))
				*VEC_ADD(c->call->arena, &c->estates) = path;
			c->n_operands++;
		}
	}
	return waiting;
}

static void offer_all(struct completing *c, const struct command *command, char **words, int n)
{
	const struct option_row *o = take_words(c, command, words, n);
	size_t equals = str_find(c->word, '=');
	if (!o && str_starts(c->word, "--") && equals != SIZE_MAX) {
		o = find(command, cstr(c->call->arena, c->word));
		c->before = str_first(c->word, equals + 1);
		c->word = str_skip(c->word, equals + 1);
		if (!o)
			return;
	}
	if (o && str_is(c->word, "="))
		c->word = STR("");
	if (o && o->argument) {
		offer_argument(c, o);
	} else if (str_starts(c->word, "-")) {
		offer_options(c, command->options);
		offer_options(c, common_options);
		offer(c, STR("--help"), STR("how the command is used"));
	} else {
		offer_operand(c, command);
	}
}

void complete(struct invocation *call, int argc, char **argv)
{
	struct out o = out_fd(1);
	struct completing c = { .call = call, .out = &o, .known = strmap_new(call->arena) };
	c.word = str_of(argc ? argv[argc - 1] : "");
	const struct command *command = argc > 1 ? command_find(call->commands, str_of(argv[0])) : NULL;
	if (argc <= 1) {
		offer_commands(&c);
		offer(&c, STR("--help"), STR("the list of commands"));
		offer(&c, STR("--version"), STR("the version of the program"));
	} else if (command) {
		offer_all(&c, command, argv + 1, argc - 2);
	}
	out_flush(&o);
	out_free(&o);
}
