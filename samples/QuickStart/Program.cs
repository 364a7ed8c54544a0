using BertMl.Samples;
using Microsoft.ML;
using System.Diagnostics;
var w=Stopwatch.StartNew();
var rows=SdkDocumentation.SummariesByArea();
Console.WriteLine($"{rows.Count} {w.Elapsed}");
foreach(var g in rows.GroupBy(r=>r.Label)) Console.Write($"{g.Key} {g.Count()}, ");
foreach (var seed in new[]{1,2,42}) foreach (var thr in new int?[]{1,null}) {
var ml=new MLContext(seed);
var data=rows.ToArray(); new Random(seed).Shuffle(data);
var test=ml.Data.LoadFromEnumerable(data[..4000]); var train=ml.Data.LoadFromEnumerable(data[4000..]);
w.Restart();
var m=ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.Text.FeaturizeText("Features","Text")).AppendCacheCheckpoint(ml).Append(ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(new Microsoft.ML.Trainers.SdcaMaximumEntropyMulticlassTrainer.Options{NumberOfThreads=thr})).Fit(train);
Console.WriteLine($"fit {w.Elapsed}");
var e=ml.MulticlassClassification.Evaluate(m.Transform(test));
Console.WriteLine($"{seed} {thr} {e.MicroAccuracy:F4} {e.MacroAccuracy:F4} {e.LogLoss:F4} {w.Elapsed}");
}
return 0;
