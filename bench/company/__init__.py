"""The benchmark's company: deliveries of any size in the generic format, made by set-based SQL."""
