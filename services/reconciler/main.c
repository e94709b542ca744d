#include "reconciler/reconciler.h"
#include "service/service.h"

int main(int argc, char **argv)
{
	struct reconciler reconciler = {0};
	const struct conf_group conf[] = {
		{reconciler_conf_rows, &reconciler.settings},
		{kafka_conf_rows, &reconciler.kafka},
		{publisher_conf_rows, &reconciler.publishing},
		{store_conf_rows, &reconciler.database},
		{NULL, NULL},
	};
	const struct service service = {
		.name = "reconciler",
		.about = "judges callbacks and answers to questions, and settles payments",
		.admin_default = "127.0.0.1:9104",
		.conf = conf,
		.start = reconciler_start,
		.work = reconciler_work,
		.ready = reconciler_ready,
		.stop = reconciler_stop,
		.self = &reconciler,
	};

	return service_main(&service, argc, argv);
}
