#include "service/service.h"
#include "webhook/webhook.h"

int main(int argc, char **argv)
{
	struct webhook webhook = {0};
	const struct conf_group conf[] = {
		{webhook_conf_rows, &webhook.settings},
		{kafka_conf_rows, &webhook.kafka},
		{c2b_conf_rows, &webhook.c2b_conf},
		{tls_conf_rows, &webhook.tls_settings},
		{NULL, NULL},
	};
	const struct service service = {
		.name = "webhook",
		.about = "takes Daraja's callbacks and puts them on Kafka before it says 200",
		.admin_default = "127.0.0.1:9103",
		.conf = conf,
		.start = webhook_start,
		.run = webhook_run,
		.ready = webhook_ready,
		.stop = webhook_stop,
		.self = &webhook,
	};

	return service_main(&service, argc, argv);
}
