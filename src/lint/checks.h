/* SPDX-License-Identifier: Apache-2.0 */
/* One line for each check, sorted by id. */
#pragma once

#include "lint/lint.h"

#define CHECKS(X)                           \
	X(administration_not_bounded)       \
	X(allow_expired)                    \
	X(cep_application_name)             \
	X(cep_ids_differ)                   \
	X(ces_switches)                     \
	X(ces_uri_pattern)                  \
	X(client_policies_off)              \
	X(client_without_account)           \
	X(computer_browser_not_needed)      \
	X(decline_without_flow)             \
	X(delegation_missing)               \
	X(domain_services_left_out)         \
	X(domain_without_controller)        \
	X(enrollment_port_custom)           \
	X(enrollment_servers_value)         \
	X(enrollment_uri_port)              \
	X(fallback_status_point_over_tls)   \
	X(feature_without_effect)           \
	X(instances_share_ports)            \
	X(key_based_renewal_with_password)  \
	X(listener_in_dynamic_range)        \
	X(mapper_without_range)             \
	X(no_template_for_renewal)          \
	X(no_way_between_zones)             \
	X(not_a_database_client)            \
	X(outside_ad_sites)                 \
	X(party_outside_not_placed)         \
	X(policy_priority)                  \
	X(range_narrowed_on_ca)             \
	X(remote_registry_off)              \
	X(renew_on_behalf_on)               \
	X(renewal_pair_incomplete)          \
	X(role_has_ended)                   \
	X(role_without_users)               \
	X(service_account_rights)           \
	X(shared_http_listener)             \
	X(site_system_full_range)           \
	X(sql_dynamic_port)                 \
	X(static_port_in_dynamic_range)     \
	X(template_settings)                \
	X(tftp_answers_blocked)             \
	X(trust_not_said)                   \
	X(two_listeners_on_one_port)        \
	X(uses_without_need)                \
	X(workgroup_without_policy_service) \
	X(wsus_https_port)

#define DECLARE_CHECK(name) extern const struct check check_##name;
CHECKS(DECLARE_CHECK)
