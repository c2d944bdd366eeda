/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/schema.h"

struct writer {
	struct json *j;
	const struct schema_words *words;
	size_t n_words;
};

static void write_record(struct writer *w, const struct record *r);

static void write_enum(struct writer *w, const struct field *f)
{
	for (size_t i = 0; i < w->n_words; i++) {
		if (strcmp(w->words[i].key, f->key) != 0)
			continue;
		json_key(w->j, "enum");
		json_list(w->j);
		for (size_t j = 0; j < w->words[i].n; j++)
			json_str(w->j, w->words[i].words[j]);
		json_end(w->j);
	}
}

static void write_texts(struct writer *w, const struct field *f)
{
	json_key(w->j, "oneOf");
	json_list(w->j);
	json_object(w->j);
	json_put_text(w->j, "type", "string");
	write_enum(w, f);
	json_end(w->j);
	json_object(w->j);
	json_put_text(w->j, "type", "array");
	json_key(w->j, "items");
	json_object(w->j);
	json_put_text(w->j, "type", "string");
	write_enum(w, f);
	json_end(w->j);
	json_end(w->j);
	json_end(w->j);
}

static void write_type(struct writer *w, const struct field *f)
{
	struct json *j = w->j;

	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_NAME:
		/* a site code or a name may be all digits: YAML makes a number of it, we read its text */
		json_key(j, "type");
		json_raw(j, "[\"string\",\"number\",\"boolean\"]");
		write_enum(w, f);
		break;
	case FIELD_NAMES:
	case FIELD_TEXTS:
		write_texts(w, f);
		break;
	case FIELD_FLAG:
		json_put_text(j, "type", "boolean");
		break;
	case FIELD_NUMBER:
		json_put_text(j, "type", "integer");
		json_put_u64(j, "minimum", f->min);
		json_put_u64(j, "maximum", f->max);
		break;
	case FIELD_CHOICE:
		json_key(j, "enum");
		json_list(j);
		for (size_t i = 0; i < f->n_choices; i++)
			json_text(j, f->choices[i]);
		json_end(j);
		break;
	case FIELD_RECORD:
		write_record(w, f->record);
		break;
	case FIELD_RECORDS:
		json_put_text(j, "type", "array");
		json_key(j, "items");
		json_object(j);
		write_record(w, f->record);
		json_end(j);
		break;
	case FIELD_RECORD_MAP:
		json_put_text(j, "type", "object");
		json_key(j, "additionalProperties");
		json_object(j);
		write_record(w, f->record);
		json_end(j);
		break;
	case FIELD_CUSTOM:
		break;
	}
}

/* Members of the schema object that the caller opened. */
static void write_record(struct writer *w, const struct record *r)
{
	struct json *j = w->j;
	bool any_required = false;

	json_put_text(j, "type", "object");
	json_put_bool(j, "additionalProperties", false);
	json_key(j, "properties");
	json_object(j);
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct field *f = &r->fields[i];
		any_required |= f->required;
		json_key(j, f->key);
		if (f->type == FIELD_CUSTOM && f->schema) {
			/* {"description":...,<the row's own members>} */
			json_raw(j, "{\"description\":");
			json_quote(j->out, str_of(f->help));
			out_char(j->out, ',');
			out_text(j->out, f->schema + 1);
			continue;
		}
		json_object(j);
		json_put_text(j, "description", f->help);
		write_type(w, f);
		json_end(j);
	}
	json_end(j);
	if (!any_required)
		return;
	json_key(j, "required");
	json_list(j);
	for (size_t i = 0; i < r->n_fields; i++)
		if (r->fields[i].required)
			json_text(j, r->fields[i].key);
	json_end(j);
}

void schema_write(struct out *out, const char *id, const char *title, const struct record *root,
		  const struct schema_words *words, size_t n_words)
{
	struct json j = json_to(out);
	struct writer w = { &j, words, n_words };
	json_object_lines(&j);
	json_put_text(&j, "$schema", "https://json-schema.org/draft/2020-12/schema");
	json_put_text(&j, "$id", id);
	json_put_text(&j, "title", title);
	write_record(&w, root);
	json_end(&j);
	out_char(out, '\n');
}
